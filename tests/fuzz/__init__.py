"""Fuzz targets for atheris: `python -m tests.fuzz [TARGET] [SECONDS]`, or `make fuzz FUZZ="header 3600"`."""
