package main

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"earshot/spelling"
)

// siteParts are the mappings of a site scenario, by the name that the decoder
// gives them.
var siteParts = map[string]reflect.Type{
	"siteScenario": reflect.TypeFor[siteScenario](), "callsSpec": reflect.TypeFor[callsSpec](), "mediaSpec": reflect.TypeFor[mediaSpec](),
	"sbcSpec": reflect.TypeFor[sbcSpec](), "placeSpec": reflect.TypeFor[placeSpec](), "trunkSpec": reflect.TypeFor[trunkSpec](),
	"quietSpec": reflect.TypeFor[quietSpec](), "maintenanceSpec": reflect.TypeFor[maintenanceSpec](), "changeSpec": reflect.TypeFor[changeSpec](), "dropSpec": reflect.TypeFor[dropSpec](),
	"faultSpec": reflect.TypeFor[faultSpec](), "whatSpec": reflect.TypeFor[whatSpec](), "whereSpec": reflect.TypeFor[whereSpec](), "whenSpec": reflect.TypeFor[whenSpec](),
}

var unknownField = regexp.MustCompile(`^line (\d+): field (.*) not found in type main\.(\w+)$`)

// explain says of unknown keys what the decoder does not: what is allowed there,
// and what comes nearest.
func explain(err error) error {
	var bad *yaml.TypeError
	if !errors.As(err, &bad) {
		return err
	}
	var list []string
	for _, text := range bad.Errors {
		m := unknownField.FindStringSubmatch(text)
		if m == nil || siteParts[m[3]] == nil {
			list = append(list, text)
			continue
		}
		keys := keysOf(siteParts[m[3]])
		list = append(list, fmt.Sprintf("line %s: unknown key %q%s: want some of %s", m[1], m[2], spelling.Hint(m[2], keys), strings.Join(keys, ", ")))
	}
	return errors.New(strings.Join(list, "; "))
}

func keysOf(t reflect.Type) []string {
	var keys []string
	for i := range t.NumField() {
		keys = append(keys, t.Field(i).Tag.Get("yaml"))
	}
	return keys
}
