"""No hook is needed here: the built-in architect, builder, deployment and scanners do all the work."""
