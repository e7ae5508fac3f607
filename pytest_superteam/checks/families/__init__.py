"""The built-in checks of layer 2: each module declares one `FAMILY`, and that is all it takes to add one."""
