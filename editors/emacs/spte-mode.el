;;; spte-mode.el --- texts about shadow page table entries  -*- lexical-binding: t; -*-

;; Package-Requires: ((emacs "28.1"))

;;; Commentary:

;; A small mode for `.spte' texts.  With eglot (part of Emacs since 29) it speaks to `spteproof lsp':
;;
;;     (add-to-list 'load-path "/path/to/spteproof/editors/emacs")
;;     (require 'spte-mode)
;;     (add-hook 'spte-mode-hook #'eglot-ensure)

;;; Code:

(require 'spte-words)

(defvar spte-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?_ "w" table)
    (modify-syntax-entry ?/ ". 124b" table)
    (modify-syntax-entry ?* ". 23" table)
    (modify-syntax-entry ?\n "> b" table)
    table)
  "Comments are C's.")

(defvar spte-font-lock-keywords
  `((,(regexp-opt spte-keywords 'words) . font-lock-keyword-face)
    (,(regexp-opt spte-constants 'words) . font-lock-constant-face)
    (,(regexp-opt spte-sorts 'words) . font-lock-type-face)
    (,(regexp-opt spte-operations 'words) . font-lock-builtin-face)
    ("\\<\\(?:predicate\\|function\\|helper\\|theorem\\|lemma\\|step\\|agent\\|layout\\)\\s-+\\(\\sw+\\)"
     1 font-lock-function-name-face))
  "Words of the language, and names where they are declared.")

(defun spte-indent-line ()
  "Indent by four columns for each brace that is open."
  (interactive)
  (let* ((depth (car (save-excursion (syntax-ppss (line-beginning-position)))))
         (closes (save-excursion (back-to-indentation) (looking-at-p "[})]")))
         (column (* 4 (max 0 (if closes (1- depth) depth)))))
    (save-excursion (indent-line-to column))
    (when (< (current-column) column) (back-to-indentation))))

;;;###autoload
(define-derived-mode spte-mode prog-mode "spte"
  "Mode for texts about shadow page table entries."
  (setq-local comment-start "// ")
  (setq-local comment-end "")
  (setq-local comment-start-skip "\\(?://+\\|/\\*+\\)\\s *")
  (setq-local indent-tabs-mode nil)
  (setq-local indent-line-function #'spte-indent-line)
  (setq-local font-lock-defaults '(spte-font-lock-keywords)))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.spte\\'" . spte-mode))

(defvar eglot-server-programs)
(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs
               '(spte-mode . ("spteproof" "lsp" :initializationOptions (:prove "type" :timeout 10)))))

(provide 'spte-mode)
;;; spte-mode.el ends here
