"""One command that runs the whole product on one machine: `manage.py up`."""
