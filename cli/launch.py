"""What `.venv/bin/towpath` runs in a checkout: the package beside this file, not an installed one."""

from towpath.main import main

if __name__ == "__main__":
    main()
