// render CHART NAMESPACE < VALUES: prints what the templates of a chart make of values, as JSON: file → text.
//
// Debian has no Helm. This is what Helm's engine consists of, from Debian's packages: Go's text/template, the functions of
// sprig, and sigs.k8s.io/yaml. Helm's own functions are those below; charts that need others, or subcharts, fail.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"sigs.k8s.io/yaml"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func readYAML(file string) map[string]interface{} {
	text, err := os.ReadFile(file)
	must(err)
	value := map[string]interface{}{}
	must(yaml.Unmarshal(text, &value))
	return value
}

// Given values replace those of the chart; maps are merged, lists are not, and null takes a key away.
func merge(into, given map[string]interface{}) map[string]interface{} {
	for key, value := range given {
		old, isMap := into[key].(map[string]interface{})
		if next, ok := value.(map[string]interface{}); ok && isMap {
			into[key] = merge(old, next)
		} else if value == nil {
			delete(into, key)
		} else {
			into[key] = value
		}
	}
	return into
}

func functions(all *template.Template) template.FuncMap {
	functions := sprig.TxtFuncMap()
	// A chart must not depend on the machine that renders it.
	delete(functions, "env")
	delete(functions, "expandenv")
	functions["include"] = func(name string, data interface{}) (string, error) {
		var out strings.Builder
		err := all.ExecuteTemplate(&out, name, data)
		return out.String(), err
	}
	functions["toYaml"] = func(value interface{}) (string, error) {
		text, err := yaml.Marshal(value)
		return strings.TrimSuffix(string(text), "\n"), err
	}
	functions["required"] = func(message string, value interface{}) (interface{}, error) {
		if value == nil || value == "" {
			return nil, fmt.Errorf("%s", message)
		}
		return value, nil
	}
	return functions
}

func main() {
	chart, namespace := os.Args[1], os.Args[2]
	given := map[string]interface{}{}
	must(json.NewDecoder(os.Stdin).Decode(&given))

	about := map[string]interface{}{}
	for key, value := range readYAML(filepath.Join(chart, "Chart.yaml")) {
		about[strings.ToUpper(key[:1])+key[1:]] = value
	}
	data := map[string]interface{}{
		"Values":  merge(readYAML(filepath.Join(chart, "values.yaml")), given),
		"Chart":   about,
		"Release": map[string]interface{}{"Name": about["Name"], "Namespace": namespace, "Service": "Helm"},
	}

	all := template.New("").Option("missingkey=zero")
	all.Funcs(functions(all))
	files, err := filepath.Glob(filepath.Join(chart, "templates", "*"))
	must(err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		must(err)
		_, err = all.New(filepath.Base(file)).Parse(string(text))
		must(err)
	}

	rendered := map[string]string{}
	for _, file := range files {
		name := filepath.Base(file)
		// Such a file has only templates for the others.
		if strings.HasPrefix(name, "_") {
			continue
		}
		var out bytes.Buffer
		must(all.ExecuteTemplate(&out, name, data))
		rendered[name] = strings.ReplaceAll(out.String(), "<no value>", "")
	}
	must(json.NewEncoder(os.Stdout).Encode(rendered))
}
