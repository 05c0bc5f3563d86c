from yjdisp.ui import blocks, results, shell

view = shell.page()
blocks.show(results.compared(view.release, view.choice))
blocks.further(results.in_children(view.release, view.choice))
