from yjdisp import wording_unknowns
from yjdisp.ui import blocks, results, shell

view = shell.page()
blocks.show(results.compared(view.release, view.choice))
unknowns = results.unknowns(view.release, view.choice)
if unknowns:
    blocks.section(wording_unknowns.SECTION)
    blocks.table_to_take(*unknowns, "ethnicity-unknown")
