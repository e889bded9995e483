"""Under which heading the app's resources are documented."""

TAGS = ["AI templates"]
