package main

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// service is a service as the templates see it. Everything is sorted by name.
type service struct {
	Package      string
	Name         string
	Title        string
	Protocol     string // a constant of the package api
	APIVersion   string
	TargetPrefix string
	XMLNamespace string
	Operations   []operationView
	Inputs       []structure
	Outputs      []structure
	Shapes       []structure // what inputs and outputs are made of
	Answers      []structure // what travels to the client as JSON
	Enums        []enum
	Exceptions   []exceptionView
	Rules        *rules

	model *model
}

type operationView struct {
	Name          string
	Path          string
	ResultWrapper string
	NoOutput      bool
	Anonymous     bool
	Errors        []string // codes
}

type enum struct {
	Name   string
	Values []enumValue
}

type enumValue struct {
	Name, Value string
}

type exceptionView struct {
	structure
	Code   string
	Status int
}

// protocols are the protocols of the models and what the package api calls them.
var protocols = map[string]string{"json": "JSON", "query": "Query", "rest-json": "RestJSON"}

func newService(name string, m *model) (*service, error) {
	protocol, ok := protocols[m.Metadata.Protocol]
	if !ok {
		return nil, fmt.Errorf("unknown protocol %q", m.Metadata.Protocol)
	}
	s := &service{
		Package:      name,
		Name:         m.Metadata.SigningName,
		Title:        m.Metadata.title(),
		Protocol:     protocol,
		APIVersion:   m.Metadata.APIVersion,
		TargetPrefix: m.Metadata.TargetPrefix,
		XMLNamespace: m.Metadata.XMLNamespace,
		Rules:        newRules(m),
		model:        m,
	}
	if s.Name == "" {
		s.Name = m.Metadata.EndpointPrefix
	}
	for _, step := range []func() error{s.addOperations, s.addShapes, s.addAnswers, s.addExceptions, s.addEnums, s.checkNames} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// addOperations fills Operations, Inputs and Outputs. An operation always has an input and an
// output, empty where the model has none.
func (s *service) addOperations() error {
	for _, name := range slices.Sorted(maps.Keys(s.model.Operations)) {
		op := s.model.Operations[name]
		if op.HTTP.Method != http.MethodPost || (op.HTTP.RequestURI != "/") != (s.Protocol == "RestJSON") {
			return fmt.Errorf("operation %s: unknown binding %s %s", name, op.HTTP.Method, op.HTTP.RequestURI)
		}
		view := operationView{Name: name, NoOutput: op.Output == nil, Anonymous: op.AuthType == "none"}
		if s.Protocol == "RestJSON" {
			view.Path = op.HTTP.RequestURI
		}
		if op.Output != nil {
			view.ResultWrapper = op.Output.ResultWrapper
		}
		for _, e := range op.Errors {
			view.Errors = append(view.Errors, s.code(e.Shape))
		}
		slices.Sort(view.Errors)
		s.Operations = append(s.Operations, view)

		in, err := s.structure(name+"Input", op.Input)
		if err != nil {
			return err
		}
		if in.Checks, err = s.Rules.checks(op.Input); err != nil {
			return fmt.Errorf("operation %s: %w", name, err)
		}
		out, err := s.structure(name+"Output", op.Output)
		if err != nil {
			return err
		}
		s.Inputs, s.Outputs = append(s.Inputs, in), append(s.Outputs, out)
	}
	return nil
}

// addShapes fills Shapes with the structures that inputs, outputs and exceptions are made of.
func (s *service) addShapes() error {
	for _, name := range s.reachable("structure") {
		view, err := s.structure(exported(name), &reference{Shape: name})
		if err != nil {
			return err
		}
		if s.Rules.checked[name] {
			if view.Checks, err = s.Rules.checks(&reference{Shape: name}); err != nil {
				return err
			}
		}
		s.Shapes = append(s.Shapes, view)
	}
	return nil
}

func (s *service) addExceptions() error {
	for _, name := range slices.Sorted(maps.Keys(s.model.Shapes)) {
		if !s.model.Shapes[name].Exception {
			continue
		}
		view, err := s.exception(name)
		if err != nil {
			return err
		}
		s.Exceptions = append(s.Exceptions, view)
	}
	return nil
}

func (s *service) addEnums() error {
	for _, name := range s.reachable("string") {
		values := s.model.Shapes[name].Enum
		if values == nil {
			continue
		}
		e := enum{Name: exported(name)}
		for _, value := range values {
			e.Values = append(e.Values, enumValue{Name: e.Name + constant(value), Value: value})
		}
		s.Enums = append(s.Enums, e)
	}
	return nil
}

// code is the code of an exception on the wire.
func (s *service) code(shape string) string {
	if e := s.model.Shapes[shape].Error; e != nil && e.Code != "" {
		return e.Code
	}
	return shape
}

// reachable returns the names of the shapes of one type that members of structures refer to,
// starting from operations and exceptions.
func (s *service) reachable(kind string) []string {
	seen := map[string]bool{}
	for _, op := range s.model.Operations {
		for _, r := range []*reference{op.Input, op.Output} {
			if r != nil {
				s.follow(s.model.Shapes[r.Shape], seen)
			}
		}
	}
	for _, sh := range s.model.Shapes {
		if sh.Exception {
			s.follow(sh, seen)
		}
	}
	maps.DeleteFunc(seen, func(name string, _ bool) bool { return s.model.Shapes[name].Type != kind })
	return slices.Sorted(maps.Keys(seen))
}

// follow adds to seen the names of the shapes that a shape refers to.
func (s *service) follow(from *shape, seen map[string]bool) {
	for _, r := range from.references() {
		if r != nil && r.Location == "" && !seen[r.Shape] {
			seen[r.Shape] = true
			s.follow(s.model.Shapes[r.Shape], seen)
		}
	}
}

// checkNames refuses a model in which two things would have the same name in Go.
func (s *service) checkNames() error {
	owner := map[string]string{}
	var clashes []string
	claim := func(name, what string) {
		if before, taken := owner[name]; taken {
			clashes = append(clashes, fmt.Sprintf("%s is both %s and %s", name, before, what))
		}
		owner[name] = what
	}
	for _, name := range []string{"API", "APIVersion", "Operations", "Service", "ServiceName", "TargetPrefix", "Unimplemented", "XMLNamespace"} {
		claim(name, "generated for every service")
	}
	for _, group := range [][]structure{s.Inputs, s.Outputs, s.Shapes} {
		for _, view := range group {
			claim(view.Name, "a structure")
		}
	}
	for _, e := range s.Exceptions {
		claim(e.Name, "an exception")
	}
	for _, e := range s.Enums {
		claim(e.Name, "an enumeration")
		for _, v := range e.Values {
			claim(v.Name, "a value of "+e.Name)
		}
	}
	if clashes != nil {
		return errors.New(strings.Join(clashes, "; "))
	}
	return nil
}
