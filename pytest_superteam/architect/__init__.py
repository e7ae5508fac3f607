"""From the text of a requirements document to an `Architecture`: services, domain model, operations.

The stages, each a module: `prd` (bytes to text), `blocks` and `sections` (text to headings, items, tables), the
readers of facts (`services`, `entities`, `fields`, `endpoints`, `states`, `events`, `roles`, `requirements`,
`exclusions`), and `assemble` with its helpers (facts to an architecture). `builtin.design` runs them all.
"""
