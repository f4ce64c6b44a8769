using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using MnistLstm.Api.Models;
using MnistLstm.Api.OpenInference;
using MnistLstm.Shared.Decoding;
using BinaryCase = (string Json, byte[] Tensors, string? Length, string Words);

namespace MnistLstm.Api.Tests.OpenInference;

/// <summary>Every defect of an inference request is explained in one sentence, and the service stays well.</summary>
public sealed class InferRefusalTests(SharedService shared) : IClassFixture<SharedService>
{
    private const int ImageBytes = 28 * 28 * sizeof(float);

    private static readonly string Zeros = string.Join(',', Enumerable.Repeat("0", 784));
    private static readonly byte[] Rows = InferRequests.RawBytes(InferRequests.Sample);
    private static readonly string Sample64 = Convert.ToBase64String(InferRequests.SamplePng);

    /// <summary>Requests as JSON, by what is wrong with them, and words of the answer.</summary>
    private static readonly Dictionary<string, (string Json, string Words)> JsonCases = new()
    {
        ["empty body"] = ("", "The body is empty"),
        ["white space"] = ("  \n", "The JSON cannot be read"),
        ["no JSON"] = ("hello", "The JSON cannot be read: 'h' is not allowed at line 1, byte 1."),
        ["an array"] = ("[]", "must be a JSON object"),
        ["a string"] = ("\"inputs\"", "must be a JSON object"),
        ["JSON that is cut off"] =
            (InferRequests.SampleCall()[..^5], "The JSON cannot be read: it ends too early, at line 1, byte "),
        ["something after the JSON"] =
            (InferRequests.SampleCall() + "\n x", "The JSON cannot be read: 'x' is not allowed at line 2, byte 2."),
        ["a second object after the first"] = (InferRequests.SampleCall() + "{}", "The JSON cannot be read"),
        ["a comma too many"] = ("{\"inputs\":[],}", "The JSON cannot be read: '}' is not allowed at line 1, byte 14."),
        ["a comment"] = ("{/* none */}", "The JSON cannot be read: '/' is not allowed at line 1, byte 2."),
        ["100 levels in an unknown property"] =
            ($"{{\"x\":{new string('[', 100)}{new string(']', 100)}}}", "nested more than 64 levels deep"),
        ["100000 levels"] = (new string('[', 100_000), "must be a JSON object"),
        ["100000 levels in a property"] = ("{\"x\":" + new string('[', 100_000), "nested more than 64 levels deep"),
        ["half a surrogate pair in the id"] =
            (InferRequests.SampleCall(",\"id\":\"\\ud83d\""), "an escape that stands for no character"),
        ["half a surrogate pair in a property's name"] =
            (InferRequests.SampleCall(",\"\\udc00d\":1"), "an escape that stands for no character"),
        ["an id that is a number"] = (InferRequests.SampleCall(",\"id\":42"), "'id' must be a string"),
        ["two ids"] = (InferRequests.SampleCall(",\"id\":\"a\",\"id\":\"b\""), "'id' is given twice"),
        ["parameters that are an array"] =
            (InferRequests.SampleCall(",\"parameters\":[]"), "'parameters' must be an object"),
        ["no inputs"] = ("{}", "must be a JSON object with 'inputs'"),
        ["an empty list of inputs"] = ("{\"inputs\":[]}", "must have one input, 'rows'"),
        ["inputs that are an object"] = ("{\"inputs\":{}}",
            "'inputs' must be an array of objects with 'name', 'shape' and 'datatype'"),
        ["an input that is a number"] = ("{\"inputs\":[1]}",
            "'inputs' must be an array of objects with 'name', 'shape' and 'datatype'; entry [0] is wrong."),
        ["an input that is null"] = ("{\"inputs\":[null]}", "'inputs' must be an array of objects"),
        ["1000 inputs"] =
            ($$"""{"inputs":[{{string.Join(',', Enumerable.Repeat(OneInput(), 1000))}}]}""", "must have one input"),
        ["inputs given twice"] = (InferRequests.SampleCall(",\"inputs\":[]"), "'inputs' is given twice"),
        ["an unknown input"] = (InferRequests.SampleCall().Replace("rows", "input"), "There is no input 'input'"),
        ["an input of another case"] = (InferRequests.SampleCall().Replace("rows", "Rows"), "There is no input 'Rows'"),
        ["the input twice"] = ($$"""{"inputs":[{{OneInput()}},{{OneInput()}}]}""", "must have one input, 'rows'"),
        ["an unknown second input"] =
            ($$"""{"inputs":[{{OneInput()}},{{OneInput().Replace("rows", "more")}}]}""", "must have one input, 'rows'"),
        ["an input without a name"] =
            (InferRequests.SampleCall().Replace("\"name\":\"rows\",", ""),
                "'inputs' must be an array of objects with 'name'"),
        ["an input without a shape"] =
            (InferRequests.SampleCall().Replace("\"shape\":[1,28,28],", ""),
                "'inputs' must be an array of objects with 'name', 'shape'"),
        ["an input without a datatype"] =
            (InferRequests.SampleCall().Replace("\"datatype\":\"FP32\",", ""),
                "'inputs' must be an array of objects with 'name', 'shape' and 'datatype'"),
        ["an input's name that is a number"] = ("{\"inputs\":[{\"name\":1}]}", "'inputs[0].name' must be a string"),
        ["an unknown datatype"] = (InferRequests.Call("[1,28,28]", $"[{Zeros}]", "FLOAT"), "not 'FLOAT'"),
        ["another datatype"] = (InferRequests.Call("[1,28,28]", $"[{Zeros}]", "INT64"), "FP32 or BYTES, not 'INT64'"),
        ["a datatype in lower case"] = (InferRequests.Call("[1,28,28]", $"[{Zeros}]", "fp32"), "not 'fp32'"),
        ["a datatype that is a number"] =
            (InferRequests.SampleCall().Replace("\"FP32\"", "32"), "'inputs[0].datatype' must be a string"),
        ["a shape that is a number"] = (InferRequests.Call("28", $"[{Zeros}]"), "'inputs[0].shape' must be an array"),
        ["a shape with a fraction"] = (InferRequests.Call("[1,28,28.5]", $"[{Zeros}]"),
            "whole numbers, the lengths of the dimensions; entry [2] is wrong."),
        ["a shape with an exponent"] = (InferRequests.Call("[1e0,28,28]", $"[{Zeros}]"), "whole number"),
        ["a shape with a string"] = (InferRequests.Call("[\"1\",28,28]", $"[{Zeros}]"), "whole number"),
        ["a nested shape"] = (InferRequests.Call("[[1,28,28]]", $"[{Zeros}]"), "whole number"),
        ["a shape of two dimensions"] = (InferRequests.Call("[28,28]", $"[{Zeros}]"), "not [28, 28]"),
        ["a shape of four dimensions"] = (InferRequests.Call("[1,1,28,28]", $"[{Zeros}]"), "not [1, 1, 28, 28]"),
        ["an empty shape"] = (InferRequests.Call("[]", $"[{Zeros}]"), "not []"),
        ["a shape of 1000 dimensions"] =
            (InferRequests.Call($"[{Zeros}]", $"[{Zeros}]"), "not [0, 0, 0, 0, 0, 0, 0, 0, …]"),
        ["27 columns"] = (InferRequests.Call("[1,28,27]", $"[{Zeros}]"), "not [1, 28, 27]"),
        ["the images last"] = (InferRequests.Call("[28,28,1]", $"[{Zeros}]"), "not [28, 28, 1]"),
        ["a negative number of images"] = (InferRequests.Call("[-1,28,28]", $"[{Zeros}]"),
            "has -1 images, but one request may have 1 to 1024"),
        ["two negative dimensions"] = (InferRequests.Call("[1,-28,-28]", $"[{Zeros}]"), "not [1, -28, -28]"),
        ["no image"] = (InferRequests.Call("[0,28,28]", "[]"), "has 0 images"),
        ["rows of no pixels"] = (InferRequests.Call("[1,28,0]", "[]"), "not [1, 28, 0]"),
        ["2^31 images"] = (InferRequests.Call("[2147483648,28,28]", $"[{Zeros}]"),
            "2147483648 images, but one request may have 1 to 1024"),
        ["a product over 2^32"] = (InferRequests.Call("[5478275,28,28]", $"[{Zeros}]"), "5478275 images"),
        ["a product over 2^64"] =
            (InferRequests.Call("[9223372036854775807,28,28]", $"[{Zeros}]"), "9223372036854775807 images"),
        ["a dimension over 2^63"] = (InferRequests.Call("[9223372036854775808,28,28]", $"[{Zeros}]"), "whole number"),
        ["a dimension of 400 digits"] =
            (InferRequests.Call($"[{new string('9', 400)},28,28]", $"[{Zeros}]"), "whole number"),
        ["one image more than the maximum"] =
            (InferRequests.Call("[1025,28,28]", $"[{Zeros}]"), "1025 images, but one request may have 1 to 1024"),
        ["no data"] = ("""{"inputs":[{"name":"rows","shape":[1,28,28],"datatype":"FP32"}]}""",
            "must have its values in either 'data' or 'binary_data_size'"),
        ["783 values"] = (InferRequests.Call("[1,28,28]", $"[{Zeros[2..]}]"),
            "wrong number of FP32 values: 783, not the 784 of its shape [1, 28, 28]"),
        ["785 values"] = (InferRequests.Call("[1,28,28]", $"[{Zeros},0]"),
            "wrong number of FP32 values: 785, not the 784"),
        ["one image's values for two"] = (InferRequests.Call("[2,28,28]", $"[{Zeros}]"),
            "wrong number of FP32 values: 784, not the 1568"),
        ["empty data"] = (InferRequests.Call("[1,28,28]", "[]"), "wrong number of FP32 values: 0, not the 784"),
        ["more values than any request may have"] =
            (InferRequests.Call("[1,28,28]", $"[{string.Join(',', Enumerable.Repeat(Zeros, 1025))}]"),
                "wrong number of FP32 values: 803600, not the 784"),
        ["ragged rows"] =
            (InferRequests.Call("[1,28,28]", Ragged()), "an array, flat or nested as its shape [1, 28, 28] says"),
        ["numbers beside arrays"] = (InferRequests.Call("[1,28,28]", "[0,[0]]"),
            "an array, flat or nested as its shape"),
        ["arrays beside numbers"] = (InferRequests.Call("[1,28,28]", "[[0],0]"),
            "an array, flat or nested as its shape"),
        ["empty arrays beside numbers"] =
            (InferRequests.Call("[1,28,28]", $"[[],{Zeros}]"), "an array, flat or nested as its shape"),
        ["nested otherwise than the shape"] =
            (InferRequests.Call("[1,28,28]", $"[[{Zeros}]]"), "an array, flat or nested as its shape [1, 28, 28] says"),
        ["nested in another order"] =
            (InferRequests.Call("[1,28,28]",
                $"[{string.Join(',', Enumerable.Repeat($"[[{string.Join(',', Enumerable.Repeat("0", 28))}]]", 28))}]"),
                "an array, flat or nested as its shape"),
        ["data nested too deep"] =
            (InferRequests.Call("[1,28,28]", $"[[[[[{Zeros}]]]]]"), "an array, flat or nested as its shape"),
        ["data that is a string"] = (InferRequests.Call("[1,28,28]", "\"0\""),
            "Entry 0 of the data of input 'rows' is not an FP32 number"),
        ["data that is null"] = (InferRequests.Call("[1,28,28]", "null"),
            "must have its values in either 'data' or 'binary_data_size'"),
        ["strings for FP32"] =
            (InferRequests.Call("[1,28,28]", "[\"0\"]"), "Entry 0 of the data of input 'rows' is not an FP32 number"),
        ["a string among numbers"] =
            (InferRequests.Call("[1,28,28]", $"[0,\"0\",{Zeros[4..]}]"),
                "Entry 1 of the data of input 'rows' is not an FP32 number"),
        ["a null among numbers"] =
            (InferRequests.Call("[1,28,28]", $"[null,{Zeros[2..]}]"),
                "Entry 0 of the data of input 'rows' is not an FP32 number"),
        ["a boolean among numbers"] =
            (InferRequests.Call("[1,28,28]", $"[true,{Zeros[2..]}]"),
                "Entry 0 of the data of input 'rows' is not an FP32 number"),
        ["an object among numbers"] =
            (InferRequests.Call("[1,28,28]", $"[{{}},{Zeros[2..]}]"),
                "Entry 0 of the data of input 'rows' is not an FP32 number"),
        ["the literal NaN"] = (InferRequests.Call("[1,28,28]", $"[NaN,{Zeros[2..]}]"), "The JSON cannot be read"),
        ["1e400"] = (InferRequests.Call("[1,28,28]", $"[1e400,{Zeros[2..]}]"), "Infinity in row 0 at pixel 0"),
        ["-1e400"] = (InferRequests.Call("[1,28,28]", $"[{Zeros[2..]},-1e400]"), "-Infinity in row 27 at pixel 27"),
        ["an exponent beyond all"] = (InferRequests.Call("[1,28,28]", $"[1e99999999999,{Zeros[2..]}]"), "value"),
        ["1e39, too large for FP32"] =
            (InferRequests.Call("[1,28,28]", $"[1e39,{Zeros[2..]}]"), "Infinity in row 0 at pixel 0"),
        ["a number of 5000 digits"] = (
            InferRequests.Call("[1,28,28]", $"[{new string('7', 5000)},{Zeros[2..]}]"), "Infinity in row 0 at pixel 0"),
        ["pixels that were not divided"] =
            (InferRequests.Call("[1,28,28]", $"[0,253,{Zeros[4..]}]"), "value 253 in row 0 at pixel 1"),
        ["values below 0"] =
            (InferRequests.Call("[1,28,28]", $"[-0.42,{Zeros[2..]}]"), "value -0.42 in row 0 at pixel 0"),
        ["BYTES of three dimensions"] =
            (InferRequests.Call("[1,28,28]", $"[\"{Sample64}\"]", "BYTES"),
                "must have shape [N, 28, 28] as FP32 or [N] as BYTES, not [1, 28, 28]"),
        ["numbers for BYTES"] = (InferRequests.Call("[1]", "[1]", "BYTES"),
            "Entry 0 of the data of input 'rows' is not a string: BYTES are image files in base64"),
        ["fewer BYTES than the shape says"] =
            (InferRequests.Call("[2]", $"[\"{Sample64}\"]", "BYTES"), "wrong number of BYTES values: 1, not the 2"),
        ["more BYTES than the shape says"] =
            (InferRequests.Call("[1]", $"[\"{Sample64}\",\"{Sample64}\"]", "BYTES"),
                "wrong number of BYTES values: 2, not the 1"),
        ["nested BYTES"] = (InferRequests.Call("[2]", $"[[\"{Sample64}\",\"{Sample64}\"]]", "BYTES"),
            "an array, flat or nested as its shape [2] says"),
        ["invalid base64"] =
            (InferRequests.Call("[1]", "[\"%%%\"]", "BYTES"), "Element 0 of input 'rows' is not base64"),
        ["base64 without its end"] =
            (InferRequests.Call("[1]", "[\"iVBORw0KG\"]", "BYTES"), "Element 0 of input 'rows' is not base64"),
        ["half a surrogate pair for base64"] =
            (InferRequests.Call("[1]", "[\"\\ud83d\"]", "BYTES"), "Element 0 of input 'rows' is not base64"),
        ["an empty element"] = (InferRequests.Call("[1]", "[\"\"]", "BYTES"), "Element 0 of input 'rows' has 0 bytes"),
        ["base64 of no picture"] =
            (InferRequests.Call("[2]", $"[\"{Sample64}\",\"AAAA\"]", "BYTES"),
                "Element 1 of input 'rows': The format of the file is unknown"),
        ["base64 of half a picture"] =
            (InferRequests.Call("[1]", $"[\"{Convert.ToBase64String(InferRequests.SamplePng.AsSpan(0, 90))}\"]",
                "BYTES"), "is damaged"),
        ["a blank picture"] =
            (InferRequests.Call("[1]", $"[\"{Convert.ToBase64String(GrayPng.Encode(new byte[784], 28, 28))}\"]",
                "BYTES"), "is blank"),
        ["binary_data_size without binary data"] =
            (InferRequests.BinaryCall("[1,28,28]", ImageBytes),
                "0 bytes follow the JSON, but the 'binary_data_size' of the input 'rows' is 3136"),
        ["data and binary_data_size"] =
            (InferRequests.SampleCall().Replace("\"data\"", "\"parameters\":{\"binary_data_size\":3136},\"data\""),
                "must have its values in either 'data' or 'binary_data_size'"),
        ["a negative binary_data_size"] =
            (InferRequests.BinaryCall("[1,28,28]", -1), "the 'binary_data_size' of the input 'rows' is -1"),
        ["a binary_data_size with a fraction"] = (InferRequests.BinaryCall("[1,28,28]", 3136)
            .Replace("3136", "3136.5"), "binary_data_size' must be a number of bytes"),
        ["a binary_data_size over 2^63"] = (InferRequests.BinaryCall("[1,28,28]", 3136)
            .Replace("3136", "9223372036854775808"), "binary_data_size' must be a number of bytes"),
        ["a binary_data_size that is a string"] = (InferRequests.BinaryCall("[1,28,28]", 3136)
            .Replace("3136", "\"3136\""), "binary_data_size' must be a number of bytes"),
        ["data in shared memory"] = (InferRequests.BinaryCall("[1,28,28]", 1)
            .Replace("\"binary_data_size\":1", "\"shared_memory_region\":\"x\""), "Shared memory is not supported"),
        ["an unknown output"] =
            (InferRequests.SampleCall(",\"outputs\":[{\"name\":\"digit\"}]"), "There is no output 'digit'"),
        ["the same output twice"] =
            (InferRequests.SampleCall(",\"outputs\":[{\"name\":\"logits\"},{\"name\":\"logits\"}]"),
                "asks for the output 'logits' twice"),
        ["outputs that are an object"] = (InferRequests.SampleCall(",\"outputs\":{}"),
            "'outputs' must be an array of objects with a 'name'"),
        ["an output that is a string"] =
            (InferRequests.SampleCall(",\"outputs\":[\"logits\"]"), "'outputs' must be an array of objects"),
        ["an output that is null"] =
            (InferRequests.SampleCall(",\"outputs\":[null]"), "'outputs' must be an array of objects"),
        ["an output without a name"] =
            (InferRequests.SampleCall(",\"outputs\":[{}]"), "'outputs' must be an array of objects with a 'name'"),
        ["an output's name that is null"] =
            (InferRequests.SampleCall(",\"outputs\":[{\"name\":null}]"), "'outputs[0].name' must be a string"),
        ["binary_data that is a string"] =
            (InferRequests.SampleCall(Output("\"binary_data\":\"true\"")), "binary_data' must be true or false"),
        ["binary_data_output that is a number"] =
            (InferRequests.SampleCall(",\"parameters\":{\"binary_data_output\":1}"),
                "binary_data_output' must be true or false"),
        ["an output in shared memory"] =
            (InferRequests.SampleCall(Output("\"shared_memory_region\":\"x\"")), "Shared memory is not supported"),
        ["classification of 0"] =
            (InferRequests.SampleCall(Output("\"classification\":0")), "classification' must be a number of classes"),
        ["classification of -1"] =
            (InferRequests.SampleCall(Output("\"classification\":-1")), "classification' must be a number of classes"),
        ["classification of 2^31"] =
            (InferRequests.SampleCall(Output("\"classification\":2147483648")),
                "classification' must be a number of classes"),
        ["classification that is a string"] =
            (InferRequests.SampleCall(Output("\"classification\":\"3\"")),
                "classification' must be a number of classes"),
    };

    /// <summary>
    /// Requests with raw tensors: JSON, what follows it, what the header says (null: the JSON's length), and words of
    /// the answer.
    /// </summary>
    private static readonly Dictionary<string, BinaryCase> BinaryCases = new()
    {
        ["a header of letters"] = (
            InferRequests.BinaryCall("[1,28,28]", ImageBytes), Rows, "many", "of the body, not 'many'"),
        ["a negative header"] =
            (InferRequests.BinaryCall("[1,28,28]", ImageBytes), Rows, "-1", "of the body, not '-1'"),
        ["a header with a fraction"] =
            (InferRequests.BinaryCall("[1,28,28]", ImageBytes), Rows, "1.5", "must be one number of bytes"),
        ["a hexadecimal header"] =
            (InferRequests.BinaryCall("[1,28,28]", ImageBytes), Rows, "0x10", "must be one number of bytes"),
        ["an empty header"] =
            (InferRequests.BinaryCall("[1,28,28]", ImageBytes), Rows, "", "must be one number of bytes"),
        ["two numbers in the header"] =
            (InferRequests.BinaryCall("[1,28,28]", ImageBytes), Rows, "10, 20", "must be one number of bytes"),
        ["a header over the body"] =
            (InferRequests.BinaryCall("[1,28,28]", ImageBytes), Rows, "100000",
                "must be one number of bytes, at most the "),
        ["a header over 2^32"] =
            (InferRequests.BinaryCall("[1,28,28]", ImageBytes), Rows, "4294967400",
                "must be one number of bytes, at most the "),
        ["a header over 2^64"] = (InferRequests.BinaryCall("[1,28,28]", ImageBytes), Rows, "99999999999999999999",
            "must be one number of bytes"),
        ["a header that cuts the JSON"] =
            (InferRequests.BinaryCall("[1,28,28]", ImageBytes), Rows, "20", "The JSON cannot be read"),
        ["a header that takes in tensors"] =
            (InferRequests.BinaryCall("[1,28,28]", ImageBytes), [0xFF, .. Rows[1..]], "200", "not valid UTF-8"),
        ["a header over an empty body"] = ("", [], "5",
            "must be one number of bytes, at most the 0 of the body, not '5'"),
        ["one byte too few by its size"] =
            (InferRequests.BinaryCall("[1,28,28]", ImageBytes - 1), Rows[1..], null,
                "wrong number of FP32 values: 783.75, not the 784"),
        ["two images' bytes for one"] =
            (InferRequests.BinaryCall("[1,28,28]", 2 * ImageBytes), [.. Rows, .. Rows], null,
                "wrong number of FP32 values: 1568, not the 784"),
        ["one byte too few behind the JSON"] =
            (InferRequests.BinaryCall("[1,28,28]", ImageBytes), Rows[1..], null,
                "3135 bytes follow the JSON, but the 'binary_data_size' of the input 'rows' is 3136"),
        ["one byte too many behind the JSON"] =
            (InferRequests.BinaryCall("[1,28,28]", ImageBytes), [.. Rows, 0], null, "3137 bytes follow the JSON"),
        ["bytes behind JSON that has data"] =
            (InferRequests.SampleCall(), Rows, null,
                "3136 bytes follow the JSON, but the 'binary_data_size' of the input 'rows' is absent"),
        ["NaN"] =
            (InferRequests.BinaryCall("[1,28,28]", ImageBytes), WithFirst(float.NaN), null, "NaN in row 0 at pixel 0"),
        ["infinity"] = (InferRequests.BinaryCall("[1,28,28]", ImageBytes), WithFirst(float.PositiveInfinity), null,
            "Infinity in row 0 at pixel 0"),
        ["negative infinity"] = (InferRequests.BinaryCall("[1,28,28]", ImageBytes), WithFirst(float.NegativeInfinity),
            null, "-Infinity in row 0 at pixel 0"),
        ["a pixel that was not divided"] =
            (InferRequests.BinaryCall("[1,28,28]", ImageBytes), WithFirst(255), null, "value 255 in row 0 at pixel 0"),
        ["NaN in the second image"] =
            (InferRequests.BinaryCall("[2,28,28]", 2 * ImageBytes), [.. Rows, .. WithFirst(float.NaN)], null,
                "Image 1 of input 'rows' has the value NaN"),
        ["raw rows of another length"] = ("", Rows[..^1], "0", "A body without JSON is one image: 3136 bytes of FP32"),
        ["raw rows of two images"] = ("", [.. Rows, .. Rows], "0", "A body without JSON is one image"),
        ["raw rows that are no numbers"] = ("", WithFirst(float.NaN), "0", "NaN in row 0 at pixel 0"),
        ["an empty raw body"] = ("", [], "0", "A body without JSON is one image"),
        ["half a raw picture"] = ("", InferRequests.SamplePng[..90], "0", "is damaged"),
        ["an element over the end"] =
            (InferRequests.BinaryCall("[1]", 8, "BYTES"), [5, 0, 0, 0, 1, 2, 3, 4], null,
                "Element 0 of input 'rows' has 5 bytes by its length, but 4 are left"),
        ["an element of 2^32 - 1 bytes"] =
            (InferRequests.BinaryCall("[1]", 5, "BYTES"), [255, 255, 255, 255, 1], null,
                "has 4294967295 bytes by its length"),
        ["an element's length cut off"] =
            (InferRequests.BinaryCall("[1]", 3, "BYTES"), [5, 0, 0], null, "ends before element 0 of 1"),
        ["an empty element in binary data"] =
            (InferRequests.BinaryCall("[1]", 4, "BYTES"), [0, 0, 0, 0], null, "Element 0 of input 'rows' has 0 bytes"),
        ["fewer elements than the shape says"] =
            (InferRequests.BinaryCall("[2]", InferRequests.SamplePng.Length + 4, "BYTES"),
                InferRequests.RawElements(InferRequests.SamplePng), null, "ends before element 1 of 2"),
        ["bytes after the last element"] =
            (InferRequests.BinaryCall("[1]", InferRequests.SamplePng.Length + 6, "BYTES"),
                [.. InferRequests.RawElements(InferRequests.SamplePng), 0, 0], null, "2 bytes follow the last element"),
        ["an element that is no picture"] =
            (InferRequests.BinaryCall("[1]", 8, "BYTES"), [4, 0, 0, 0, 1, 2, 3, 4], null,
                "Element 0 of input 'rows': The format of the file is unknown"),
        ["a BYTES size that does not agree"] =
            (InferRequests.BinaryCall("[1]", 9, "BYTES"), [4, 0, 0, 0, 1, 2, 3, 4], null,
                "8 bytes follow the JSON, but the 'binary_data_size' of the input 'rows' is 9"),
        ["a binary_data_size of 2^63 - 1"] =
            (InferRequests.BinaryCall("[1]", long.MaxValue, "BYTES"), [0], null,
                "the 'binary_data_size' of the input 'rows' is 9223372036854775807"),
    };

    public static TheoryData<string> JsonCaseNames => [.. JsonCases.Keys];

    public static TheoryData<string> BinaryCaseNames => [.. BinaryCases.Keys];

    [Theory]
    [MemberData(nameof(JsonCaseNames))]
    public async Task Invalid_JSON_requests_are_rejected_with_the_reason(string name)
    {
        (string json, string words) = JsonCases[name];

        using HttpResponseMessage response =
            await shared.Client.PostAsync(InferRequests.Infer, InferRequests.Json(json));

        string sentence = await response.ShouldBeErrorAsync(400);
        sentence.ShouldContain(words);
        sentence.ShouldNotContain("BytePosition");
        await TheServiceShouldBeWellAsync();
    }

    [Theory]
    [MemberData(nameof(BinaryCaseNames))]
    public async Task Invalid_binary_requests_are_rejected_with_the_reason(string name)
    {
        (string json, byte[] tensors, string? length, string words) = BinaryCases[name];

        using HttpResponseMessage response =
            await shared.Client.PostAsync(InferRequests.Infer, InferRequests.Binary(json, tensors, length));

        (await response.ShouldBeErrorAsync(400)).ShouldContain(words);
        await TheServiceShouldBeWellAsync();
    }

    [Fact]
    public async Task JSON_that_is_not_UTF_8_is_rejected()
    {
        byte[] latin1 = Encoding.Latin1.GetBytes(InferRequests.SampleCall(",\"id\":\"é\""));

        using HttpResponseMessage response =
            await shared.Client.PostAsync(InferRequests.Infer, Requests.Raw(latin1, "application/json"));

        (await response.ShouldBeErrorAsync(400)).ShouldContain("not valid UTF-8");
    }

    [Fact]
    public async Task A_repeated_header_is_rejected()
    {
        HttpContent content = InferRequests.Binary(InferRequests.BinaryCall("[1,28,28]", ImageBytes), Rows);
        content.Headers.TryAddWithoutValidation(InferenceProtocol.JsonLengthHeader, "10");

        using HttpResponseMessage response = await shared.Client.PostAsync(InferRequests.Infer, content);

        (await response.ShouldBeErrorAsync(400)).ShouldContain("must be one number of bytes");
    }

    [Theory]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("image/png")]
    [InlineData("text/html")]
    [InlineData("application/xml")]
    public async Task A_body_of_another_type_is_rejected(string contentType)
    {
        using HttpResponseMessage response = await shared.Client.PostAsync(
            InferRequests.Infer, InferRequests.Json(InferRequests.SampleCall(), contentType));

        (await response.ShouldBeErrorAsync(415)).ShouldContain("Send JSON as application/json");
    }

    [Fact]
    public async Task The_operator_sets_the_limits()
    {
        await using RunningService strict = await RunningService.StartAsync(
            "--max-infer-images", "2", "--max-batch-upload-bytes", "10000", "--request-timeout", "2s",
            "--min-upload-rate", "0");
        byte[] three = [.. Rows, .. Rows, .. Rows];
        byte[] four = [.. three, .. Rows];

        using HttpResponseMessage tooMany = await strict.Client.PostAsync(
            InferRequests.Infer, InferRequests.Binary(InferRequests.BinaryCall("[3,28,28]", three.Length), three));
        using HttpResponseMessage tooLarge = await strict.Client.PostAsync(
            InferRequests.Infer, InferRequests.Binary(InferRequests.BinaryCall("[4,28,28]", four.Length), four));
        string tooSlow = await SendBytesAsync(
            $"POST {InferRequests.Infer} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{{\"inputs\"",
            strict.Address);
        using HttpResponseMessage metadata = await strict.Client.GetAsync("/v2/models/digits");

        (await tooMany.ShouldBeErrorAsync(400)).ShouldContain("3 images, but one request may have 1 to 2");
        (await tooLarge.ShouldBeErrorAsync(413)).ShouldContain("larger than 10000 bytes");
        tooSlow.ShouldStartWith("HTTP/1.1 408 ");
        tooSlow.ShouldContain("{\"error\":\"The body did not arrive in time.");
        (await metadata.ReadJsonAsync()).GetProperty("properties").GetProperty("max_batch_size").GetString()
            .ShouldBe("2");
    }

    [Fact]
    public async Task A_picture_of_too_many_pixels_is_rejected_before_it_is_decoded()
    {
        await using RunningService strict = await RunningService.StartAsync("--max-pixels", "784");
        string picture = Convert.ToBase64String(GrayPng.Encode(new byte[30 * 30], 30, 30));

        using HttpResponseMessage response = await strict.Client.PostAsync(
            InferRequests.Infer, InferRequests.Json(InferRequests.Call("[1]", $"[\"{picture}\"]", "BYTES")));

        (await response.ShouldBeErrorAsync(400)).ShouldContain(
            "The picture is 30 x 30 = 900 pixels; the limit is 3136 for a baseline JPEG, 784 for other pictures.");
    }

    private async Task TheServiceShouldBeWellAsync()
    {
        JsonElement answer = await shared.Client.InferAsync(InferRequests.Json(InferRequests.SampleCall()));
        float[] probabilities = answer.Values("probabilities");
        Array.IndexOf(probabilities, probabilities.Max()).ShouldBe(GoldenSample.Digit);
    }

    private static string OneInput() => """{"name":"rows","shape":[1,28,28],"datatype":"FP32","data":[0]}""";

    private static string Output(string parameter) =>
        $$$""","outputs":[{"name":"logits","parameters":{{{{parameter}}}}}]""";

    /// <summary>784 values, of which one row has 27 and another 29.</summary>
    private static string Ragged()
    {
        string[] rows = [.. Enumerable.Range(0, 28)
            .Select(row => string.Join(',', Enumerable.Repeat("0", row switch { 3 => 27, 4 => 29, _ => 28 })))];
        return $"[[{string.Join(',', rows.Select(row => $"[{row}]"))}]]";
    }

    private static byte[] WithFirst(float value) => [.. BitConverter.GetBytes(value), .. Rows[sizeof(float)..]];

    /// <summary>Sends what no HTTP client would, and reads until the server closes.</summary>
    private static async Task<string> SendBytesAsync(string bytes, Uri address)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await using NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(bytes));
        using var answer = new MemoryStream();
        try
        {
            await stream.CopyToAsync(answer).WaitAsync(ServiceProcess.Patience);
        }
        catch (IOException)
        {
            // The server resets a connection on which it gave up; what it said before is what counts.
        }

        return Encoding.ASCII.GetString(answer.ToArray());
    }
}
