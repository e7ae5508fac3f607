"""The kinds of faults, a module for each part of a service. A new one is a function here with `@fault(...)`."""
