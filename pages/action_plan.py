from yjdisp.ui import actions, shell

view = shell.page()
actions.page(view.release)
