"""Settings: `base` is shared; `embedded`, `test` and `production` each state what they change."""
