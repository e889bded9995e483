"""Facts about platforms: pure, no rows."""
