"""What a service says about other origins: one policy for each place that configures CORS, read per language."""
