package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"
)

func completionCommand() *command {
	shells := map[string]func(io.Writer){"bash": completeBash, "zsh": completeZsh, "fish": completeFish}
	return &command{
		name: "completion", args: "bash|zsh|fish", summary: "Print a completion script for a shell.",
		about: "bash: source <(earshot completion bash). zsh: earshot completion zsh > \"${fpath[1]}/_earshot\". fish: earshot completion fish | source.",
		words: []string{"bash", "zsh", "fish"},
		run: func(_ context.Context, args []string, std stdio) error {
			if len(args) != 1 || shells[args[0]] == nil {
				return usageError("completion wants one of bash, zsh, fish; got %q", strings.Join(args, " "))
			}
			shells[args[0]](std.out)
			return nil
		},
	}
}

func completeBash(w io.Writer) {
	fmt.Fprint(w, "# bash completion for earshot\n_earshot() {\n  local cur=${COMP_WORDS[COMP_CWORD]} words=\n  if [ \"$COMP_CWORD\" -eq 1 ]; then\n")
	fmt.Fprintf(w, "    words=%q\n  else\n    case ${COMP_WORDS[1]} in\n", strings.Join(commandNames(), " "))
	for _, c := range commands() {
		fmt.Fprintf(w, "    %s) words=%q ;;\n", c.name, strings.Join(append(longFlags(c), c.words...), " "))
	}
	fmt.Fprint(w, "    esac\n  fi\n  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\ncomplete -o default -F _earshot earshot\n")
}

func completeZsh(w io.Writer) {
	fmt.Fprint(w, "#compdef earshot\n_earshot() {\n  if (( CURRENT == 2 )); then\n    local -a commands=(\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "      %s\n", shellQuote(c.name+":"+c.summary))
	}
	fmt.Fprint(w, "    )\n    _describe command commands\n    return\n  fi\n  case $words[2] in\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %s) _arguments", c.name)
		eachFlag(c, func(f *flag.Flag) {
			_, usage := flag.UnquoteUsage(f)
			fmt.Fprintf(w, " \\\n    %s", shellQuote("--"+f.Name+"["+strings.NewReplacer("[", "(", "]", ")", "\n", " ").Replace(usage)+"]"))
		})
		rest := "*: :"
		if c.files {
			rest = "*:file:_files"
		} else if len(c.words) > 0 {
			rest = "*:word:(" + strings.Join(c.words, " ") + ")"
		}
		fmt.Fprintf(w, " \\\n    %s ;;\n", shellQuote(rest))
	}
	fmt.Fprint(w, "  esac\n}\n_earshot \"$@\"\n")
}

func completeFish(w io.Writer) {
	fmt.Fprint(w, "# fish completion for earshot\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "complete -c earshot -n __fish_use_subcommand -a %s -d %s\n", c.name, shellQuote(c.summary))
		in := "'__fish_seen_subcommand_from " + c.name + "'"
		eachFlag(c, func(f *flag.Flag) {
			_, usage := flag.UnquoteUsage(f)
			fmt.Fprintf(w, "complete -c earshot -n %s -l %s -d %s\n", in, f.Name, shellQuote(strings.ReplaceAll(usage, "\n", " ")))
		})
		for _, word := range c.words {
			fmt.Fprintf(w, "complete -c earshot -f -n %s -a %s\n", in, word)
		}
	}
}

func eachFlag(c *command, fn func(*flag.Flag)) {
	if c.flags != nil {
		c.flags().VisitAll(fn)
	}
}

func longFlags(c *command) []string {
	var names []string
	eachFlag(c, func(f *flag.Flag) { names = append(names, "--"+f.Name) })
	return names
}

func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
