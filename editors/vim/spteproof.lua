-- Neovim 0.11 or later: put this into your init.lua, and editors/vim into your runtimepath.
vim.lsp.config("spteproof", {
  cmd = { "spteproof", "lsp" },
  filetypes = { "spte" },
  root_markers = { ".git" },
  init_options = { prove = "type", timeout = 10 },
})
vim.lsp.enable("spteproof")

vim.api.nvim_create_autocmd("LspAttach", {
  callback = function(args)
    local client = vim.lsp.get_client_by_id(args.data.client_id)
    if client and client.name == "spteproof" then
      vim.lsp.inlay_hint.enable(true, { bufnr = args.buf })
      vim.lsp.codelens.refresh({ bufnr = args.buf })
    end
  end,
})
