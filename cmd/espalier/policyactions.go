package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

type policyActionsCommand struct {
	Files []string `arg:"" name:"file" help:"Files of AWS's service reference, one service in each: https://servicereference.us-east-1.amazonaws.com/v1/s3/s3.json. - is the standard input."`
}

// serviceReference is a file of AWS's service reference, as much of it as matters here.
type serviceReference struct {
	Name    string
	Actions []struct{ Name string }
}

// Run prints a list of actions, as policy.ParseActions reads it.
func (c *policyActionsCommand) Run(t terminal) error {
	services := map[string][]string{}
	for _, name := range c.Files {
		text, err := readInput(name)
		if err != nil {
			return exited(t.fail(exitUsage, err))
		}
		var service serviceReference
		if err := json.Unmarshal(text, &service); err != nil {
			return exited(t.fail(exitUsage, fmt.Errorf("%s: %w", name, err)))
		}
		if service.Name == "" || len(service.Actions) == 0 {
			return exited(t.fail(exitUsage, fmt.Errorf("%s: not a file of the service reference: it needs a Name and Actions", name)))
		}
		for _, action := range service.Actions {
			services[service.Name] = append(services[service.Name], action.Name)
		}
	}
	for _, service := range slices.Sorted(maps.Keys(services)) {
		actions := slices.Compact(slices.Sorted(slices.Values(services[service])))
		fmt.Fprintf(t.out, "%s\t%s\n", service, strings.Join(actions, " "))
	}
	return nil
}
