// kstatus tells of each object on standard input what the library kstatus makes of it,
// for the tests: a line with its name, status and message, parted by tabs.
//
// The input is JSON: an object, or a list of them as `kubectl get -o json` writes it.
package main

import (
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "kstatus:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	content, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	found, err := runtime.Decode(unstructured.UnstructuredJSONScheme, content)
	if err != nil {
		return err
	}
	if object, ok := found.(*unstructured.Unstructured); ok {
		return tell(object, out)
	}
	return found.(*unstructured.UnstructuredList).EachListItem(func(item runtime.Object) error {
		return tell(item.(*unstructured.Unstructured), out)
	})
}

func tell(object *unstructured.Unstructured, out io.Writer) error {
	result, err := status.Compute(object)
	if err != nil {
		return fmt.Errorf("%s: %w", object.GetName(), err)
	}
	_, err = fmt.Fprintf(out, "%s\t%s\t%s\n", object.GetName(), result.Status, result.Message)
	return err
}
