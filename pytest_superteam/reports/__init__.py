"""GateReport -> terminal, JSON, Markdown and HTML."""
