"""Operations of the running system under Schemathesis: what is sent, how it is judged, and what of it is noise."""
