from yjdisp.ui import shell

shell.main()
