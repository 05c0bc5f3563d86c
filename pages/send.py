from yjdisp.ui import blocks, results, shell

view = shell.page()
blocks.show(results.compared(view.release, view.choice))
