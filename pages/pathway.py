from yjdisp.ui import shell, system

view = shell.page()
system.pathway_page(view.release)
