"""What a clone needs before anything runs: a virtual environment, the Terraform provider, tools from npm.

Standard library only: `scripts/prepare.py` runs this with the system's Python, before anything is installed.
"""
