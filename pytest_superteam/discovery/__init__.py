"""A folder -> the system in it: services, languages, ports, datastores, and what each conclusion rests on."""
