from yjdisp.ui import blocks, filters, results, shell

release = shell.page()
choice = filters.choose(release, "ethnicity")
blocks.show(results.compared(release, choice))
