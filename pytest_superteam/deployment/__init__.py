"""Source trees -> a running system: deployers, their processes, and how to wait for them."""
