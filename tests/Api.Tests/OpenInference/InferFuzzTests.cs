using System.Globalization;
using System.Text;
using System.Text.Json;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Models;
using MnistLstm.Api.OpenInference;

namespace MnistLstm.Api.Tests.OpenInference;

/// <summary>Valid requests, changed at random: whatever comes, the answer is an answer or a refusal.</summary>
public sealed class InferFuzzTests
{
    /// <summary>Sets another number of requests.</summary>
    private const string CountVariable = "INFER_FUZZ_REQUESTS";

    private const int DefaultCount = 20_000;
    private const int Connections = 16;
    private const int Seed = 20_261_124;

    private static readonly int[] Refusals = [400, 404, 413, 415];

    /// <summary>Replaces other text, so that more than the reader of JSON is reached.</summary>
    private static readonly string[] Tokens =
    [
        "0", "-1", "1", "2", "28", "27", "784", "1024", "1025", "2147483648", "-2147483649", "4294967296",
            "9223372036854775807",
        "9223372036854775808", "1e400", "-1e400", "1e-400", "0.5", "1.5", "28.0", "null", "true", "false",
        "\"\"", "\"rows\"",
        "\"FP32\"", "\"BYTES\"", "\"INT8\"", "\"probabilities\"", "\"logits\"", "[]", "{}", "[[", "]]", "[1,28,28]",
        "[2]", ",", ":", "\"",
        "\"name\"", "\"shape\"", "\"data\"", "\"parameters\"", "\"binary_data\"", "\"binary_data_size\"",
        "\"classification\"", "\"outputs\"",
        "\"id\"", "\\ud83d", "\\u0000", "\u00e9", "\u0000", "NaN", "Infinity", "AAAA", "=", "/* */",
    ];

    private static readonly string[] HeaderValues =
        ["0", "1", "-1", "10", "200", "5000", "99999999999999999999", "x", "", "1.5", " 7", "2147483648"];

    private static readonly string[] ContentTypes =
        ["application/json", "application/octet-stream", "text/plain", "multipart/form-data; boundary=x", "image/png"];

    private static readonly string[] Paths =
        [InferRequests.Infer, "/v2/models/seed/infer", "/v2/models/digits/versions/1/infer", "/v2/models/nobody/infer"];

    [Fact]
    public async Task No_request_causes_a_500_and_the_service_stays_healthy()
    {
        int count = Environment.GetEnvironmentVariable(CountVariable) is { } text
            ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture)
            : DefaultCount;
        await using RunningService service = await RunningService.StartAsync();
        int answered = 0;

        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = Connections },
            async (i, stop) =>
        {
            using HttpRequestMessage request = Mutated(new Random(Seed + i));
            using HttpResponseMessage response = await service.Client.SendAsync(request, stop);
            if ((int)response.StatusCode == 200)
            {
                Interlocked.Increment(ref answered);
                return;
            }

            string error = await response.Content.ReadAsStringAsync(stop);
            Refusals.ShouldContain((int)response.StatusCode, $"request {i}: {error}");
            JsonDocument.Parse(error).RootElement.GetProperty("error").GetString().ShouldNotBeNullOrEmpty();
        });

        // Both kinds have to be there, or the changes were too small or too large to find anything.
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{answered} of {count} requests were answered, the others refused");
        answered.ShouldBeInRange(count / 20, count - (count / 5));
        service.Models.All.Select(model => model.Queue).ShouldAllBe(queue => IsEmpty(queue));
        float[] probabilities = (await service.Client.InferAsync(InferRequests.Json(InferRequests.SampleCall())))
            .Values("probabilities");
        Array.IndexOf(probabilities, probabilities.Max()).ShouldBe(GoldenSample.Digit);
    }

    private static bool IsEmpty(InferenceQueue queue) => queue.WaitingImages == 0;

    private static HttpRequestMessage Mutated(Random random)
    {
        (byte[] json, byte[] tensors, bool hasHeader) = Valid(random);
        for (int changes = random.Next(0, 4); changes > 0; changes--)
        {
            if (tensors.Length > 0 && random.Next(3) == 0)
            {
                tensors = ChangeBytes(tensors, random);
            }
            else
            {
                json = random.Next(3) == 0 ? ChangeBytes(json, random) : ChangeText(json, random);
            }
        }

        var request = new HttpRequestMessage(
            HttpMethod.Post, random.Next(10) == 0 ? Paths[random.Next(Paths.Length)] : InferRequests.Infer)
        {
            Content = Requests.Raw([.. json, .. tensors],
                random.Next(20) == 0 ? ContentTypes[random.Next(ContentTypes.Length)] : "application/octet-stream"),
        };
        if (random.Next(10) == 0)
        {
            request.Headers.TryAddWithoutValidation(
                InferenceProtocol.JsonLengthHeader, HeaderValues[random.Next(HeaderValues.Length)]);
        }
        else if (hasHeader)
        {
            request.Headers.TryAddWithoutValidation(
                InferenceProtocol.JsonLengthHeader, json.Length.ToString(CultureInfo.InvariantCulture));
        }

        return request;
    }

    /// <summary>One of the forms that a request can have.</summary>
    private static (byte[] Json, byte[] Tensors, bool HasHeader) Valid(Random random)
    {
        string rest = random.Next(4) switch
        {
            0 => "",
            1 => ""","id":"7","parameters":{"binary_data_output":true}""",
            2 =>
                ""","outputs":[{"name":"probabilities","parameters":"""
                + """{"classification":3,"binary_data":true}},{"name":"logits"}]""",
            _ => ""","id":"7","outputs":[{"name":"probabilities","parameters":{"binary_data":false}}]""",
        };
        float[] two = [.. InferRequests.Sample, .. InferRequests.Sample];
        string picture = $"\"{Convert.ToBase64String(InferRequests.SamplePng)}\"";
        byte[] elements = InferRequests.RawElements(InferRequests.SamplePng, InferRequests.SamplePng);
        return random.Next(7) switch
        {
            0 => (Utf8(InferRequests.SampleCall(rest)), [], false),
            1 => (Utf8(InferRequests.Call("[2,28,28]", InferRequests.Nested(two), rest: rest)), [], false),
            2 => (Utf8(InferRequests.Call("[2]", $"[{picture},{picture}]", "BYTES", rest)), [], false),
            3 =>
                (Utf8(InferRequests.BinaryCall("[2,28,28]", two.Length * sizeof(float), rest: rest)),
                    InferRequests.RawBytes(two), true),
            4 => (Utf8(InferRequests.BinaryCall("[2]", elements.Length, "BYTES", rest)), elements, true),
            5 => ([], InferRequests.SamplePng, true),
            _ => ([], InferRequests.RawBytes(InferRequests.Sample), true),
        };
    }

    /// <summary>Another byte, a piece taken out, or a piece doubled.</summary>
    private static byte[] ChangeBytes(byte[] bytes, Random random)
    {
        if (bytes.Length == 0)
        {
            return bytes;
        }

        int start = random.Next(bytes.Length);
        int end = random.Next(start, Math.Min(bytes.Length, start + 50) + 1);
        switch (random.Next(4))
        {
            case 0:
                byte[] changed = [.. bytes];
                changed[start] = (byte)random.Next(256);
                return changed;
            case 1:
                return [.. bytes[..start], .. bytes[end..]];
            case 2:
                return [.. bytes[..end], .. bytes[start..]];
            default:
                return bytes[..start];
        }
    }

    /// <summary>A word that replaces a piece of JSON, most often a whole word.</summary>
    private static byte[] ChangeText(byte[] json, Random random)
    {
        if (json.Length == 0)
        {
            return json;
        }

        // Half of the changes are among the first bytes, where names, shape and datatype stand, and not among the many
        // values.
        int start = random.Next(random.Next(2) == 0 ? Math.Min(90, json.Length) : json.Length);
        int end = start;
        while (end < json.Length && !",:[]{}"u8.Contains(json[end]))
        {
            end++;
        }

        while (start > 0 && !",:[]{}"u8.Contains(json[start - 1]))
        {
            start--;
        }

        return [.. json[..start], .. Utf8(Tokens[random.Next(Tokens.Length)]), .. json[end..]];
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
