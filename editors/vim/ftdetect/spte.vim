autocmd BufRead,BufNewFile *.spte setfiletype spte
