from yjdisp.ui import shell, system

view = shell.page()
system.gravity_page(view.release)
