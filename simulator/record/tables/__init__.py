"""The tables of a run folder, one file per area; `simulator.record.schema` gathers them."""
