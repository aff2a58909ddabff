"""``python -m netshell`` is ``netshell``."""

import sys

from netshell.cli import main

if __name__ == "__main__":
    sys.exit(main())
