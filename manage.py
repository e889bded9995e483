#!/usr/bin/env python
"""Run Django's commands; `python manage.py up` starts the whole product."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.embedded")
    execute_from_command_line(sys.argv)
