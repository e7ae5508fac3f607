"""What an agent that builds one service is told: task, its part of the requirements, contracts, conventions, codes."""
