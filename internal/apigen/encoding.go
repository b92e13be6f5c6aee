package main

import (
	"fmt"
	"strings"
)

// addAnswers fills Answers with the structures that answers in JSON are made of.
func (s *service) addAnswers() error {
	if s.Protocol == "Query" {
		return nil
	}
	seen := map[string]bool{}
	for _, op := range s.model.Operations {
		if op.Output != nil {
			s.follow(s.model.Shapes[op.Output.Shape], seen)
		}
	}
	s.Answers = append(s.Answers, s.Outputs...)
	for i, name := range s.reachable("structure") {
		if seen[name] {
			s.Answers = append(s.Answers, s.Shapes[i])
		}
	}
	return nil
}

// encoding is the statement that appends a member of the structure v to the bytes b, if the member has a value.
func (s *service) encoding(m member, f field) string {
	value := "v." + f.Name
	present := value + " != nil"
	switch {
	case strings.HasPrefix(f.Type, "*"):
		if s.model.Shapes[m.Shape].Type != "structure" {
			value = "*" + value
		}
	case f.Type == "time.Time":
		present = "!" + value + ".IsZero()"
	case strings.HasPrefix(f.Type, "["), strings.HasPrefix(f.Type, "map["):
	default:
		present = value + ` != ""`
	}
	return fmt.Sprintf("if %s {\nb = api.AppendMember(b, `%q:`)\n%s\n}", present, m.Name, s.appendValue(value, m.Shape, 0))
}

// appendValue is the statement that appends a value of a shape. Depth is how many lists it is in.
func (s *service) appendValue(value, shape string, depth int) string {
	sh := s.model.Shapes[shape]
	switch sh.Type {
	case "structure":
		return fmt.Sprintf("b = %s.AppendJSON(b)", value)
	case "list":
		i := fmt.Sprintf("i%d", depth)
		return fmt.Sprintf("b = append(b, '[')\nfor %s := range %s {\nb = api.AppendComma(b, '[')\n%s\n}\nb = append(b, ']')",
			i, value, s.appendValue(value+"["+i+"]", sh.Member.Shape, depth+1))
	case "map":
		key, item := fmt.Sprintf("key%d", depth), fmt.Sprintf("item%d", depth)
		return fmt.Sprintf("b = append(b, '{')\nfor %s, %s := range api.Sorted(%s) {\nb = append(api.AppendText(api.AppendComma(b, '{'), %s), ':')\n%s\n}\nb = append(b, '}')",
			key, item, value, key, s.appendValue(item, sh.Value.Shape, depth+1))
	case "timestamp":
		if sh.TimestampFormat != "" {
			return fmt.Sprintf("b = api.AppendDate(b, %s)", value)
		}
		return fmt.Sprintf("b = api.AppendTime(b, %s)", value)
	case "integer", "long":
		return fmt.Sprintf("b = api.AppendInteger(b, %s)", value)
	case "boolean":
		return fmt.Sprintf("b = api.AppendBoolean(b, %s)", value)
	}
	return fmt.Sprintf("b = api.AppendText(b, %s)", value)
}
