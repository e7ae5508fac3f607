"""The fields that services give and take: of models, contracts, bodies that are sent and answers that are read."""
