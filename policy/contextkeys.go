package policy

import "strings"

// ContextKeys returns the condition keys that documents refer to, in conditions and in policy
// variables, in the order in which they come. Keys are not distinguished by case: each comes once, as
// it is first spelled.
func ContextKeys(documents ...*Document) []string {
	keys := keyList{known: map[string]bool{}}
	for _, d := range documents {
		variables := d.Version == Version2012
		for _, s := range d.Statements {
			if variables {
				keys.addVariables(s.Resources)
			}
			for _, c := range s.Conditions {
				keys.add(c.Key)
				if variables {
					keys.addVariables(c.Values)
				}
			}
		}
	}
	return keys.names
}

// keyList collects condition keys.
type keyList struct {
	names []string
	known map[string]bool // in lower case
}

func (k *keyList) add(name string) {
	if folded := strings.ToLower(name); !k.known[folded] {
		k.known[folded] = true
		k.names = append(k.names, name)
	}
}

// addVariables adds the keys of the variables in texts. What has no colon is no condition key.
func (k *keyList) addVariables(texts []string) {
	for _, text := range texts {
		for _, f := range parseTemplate(text, func(s string) string { return s }) {
			if f.variable && strings.Contains(f.key.name, ":") {
				k.add(f.key.name)
			}
		}
	}
}
