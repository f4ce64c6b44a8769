using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using MnistLstm.Api.Models;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;
using Form = (string Boundary, string Headers, string LineEnd, int Status);
using Refusal = (System.Func<System.Net.Http.HttpContent> Content, int Status, string Type, string Words);

namespace MnistLstm.Api.Tests;

/// <summary>Every way in which people send a picture to <c>/predict</c> is read, or refused with the reason.</summary>
public sealed class SendingTests(SharedService shared) : IClassFixture<SharedService>
{
    /// <summary>
    /// The sample, with bytes after its end that put every special character into base64: plus, slash and padding.
    /// </summary>
    private static readonly byte[] Picture = Encoded();
    private static readonly byte[] Heic = [0, 0, 0, 24, .. "ftypheic\0\0\0\0mif1heic="u8, .. new byte[100]];
    private static readonly string Base64 = Convert.ToBase64String(Picture);
    private static readonly string UrlSafe = Base64.TrimEnd('=').Replace('+', '-').Replace('/', '_');
    private static readonly string Wrapped = string.Join(
        "\r\n", Base64.Chunk(76).Select(line => new string(line))) + "\n";
    private static readonly string DataUri = "data:image/png;base64," + Base64;

    /// <summary>The rows of the table in docs/api.md.</summary>
    private static readonly Dictionary<string, Func<HttpContent>[]> Ways = new()
    {
        ["the file"] =
        [
            () => Requests.Raw(Picture),
            () => Requests.Raw(Picture, "application/octet-stream"),
            () => Requests.Raw(Picture, "binary/octet-stream"),
            () => Requests.Raw(Picture, "application/x-image"),
            () => Requests.Raw(Picture, "application/x-www-form-urlencoded"),
            () => Requests.Raw(Picture, "text/plain"),
            () => Requests.Raw(Picture, "application/json"),
            () => Requests.Raw(Picture, "multipart/form-data"),
            () => Requests.Raw(Picture, null),
        ],
        ["a form"] = [() => Requests.Form("file", Picture), () => Field(Base64), () => Field(UrlSafe), () =>
            Field(Wrapped), () => Field(DataUri)],
        ["JSON"] =
        [
            () => Json($$"""{"image":"{{Base64}}"}"""),
            () => Json($$"""{"image":"{{UrlSafe}}"}"""),
            () => Json($$"""{"image":"{{Base64.TrimEnd('=')}}"}"""),
            () => Json($$"""{"image":"{{DataUri}}"}"""),
            () => Json($$"""{"image":"{{DataUri.Replace("/", "\\/", StringComparison.Ordinal)}}"}"""),
            () => Json($$"""{"image":{{JsonSerializer.Serialize(Wrapped)}}}"""),
            () => Json($$""" { "id" : [1, {"image": "no"}], "image" : "{{Base64}}", "model" : null } """),
            () => Json($$"""{"image":"{{Base64}}"}""", "application/json; charset=utf-8"),
            () => Json($$"""{"image":"{{Base64}}"}""", "application/vnd.api+json"),
            () => Json($$"""{"image":"{{Base64}}"}""", "text/plain"),
            () => Json($$"""{"image":"{{Base64}}"}""", "application/x-www-form-urlencoded"),
            () => Json($$"""{"image":"{{Base64}}"}""", null),
            () => Json("\uFEFF" + $$"""{"image":"{{Base64}}"}"""),
            () => Json($"\"{DataUri}\""),
        ],
        ["base64"] =
        [
            () => Text(Base64),
            () => Text(UrlSafe),
            () => Text(Base64.TrimEnd('=')),
            () => Text(Wrapped),
            () => Text("\uFEFF\n" + Base64),
            () => Text(Base64, "image/png"),
            () => Text(Base64, "application/x-www-form-urlencoded"),
            () => Text(Base64, null),
        ],
        ["a data URI"] =
        [
            () => Text(DataUri),
            () => Text("DATA:;BASE64," + Base64),
            () => Text("data:image/jpeg;charset=utf-8;base64," + UrlSafe),
            () => Text(DataUri, "application/x-www-form-urlencoded"),
            () => Text(DataUri, "application/octet-stream"),
        ],
        ["a URL-encoded form"] =
        [
            () => new FormUrlEncodedContent([new("note", "a=b"), new("image", DataUri)]),
            () => new FormUrlEncodedContent([new("file", Base64)]),
            () => new FormUrlEncodedContent([new("image", Wrapped)]),
            () => Text("image=" + DataUri, "application/x-www-form-urlencoded"),
            () => Text("image=" + Base64 + "&x=1", "application/x-www-form-urlencoded; charset=UTF-8"),
        ],
    };

    /// <summary>The rows of the table in docs/api.md, each with words of its answer.</summary>
    private static readonly Dictionary<string, Refusal> Refusals = new()
    {
        ["JSON without `image`"] = (() =>
            Json($$"""{"picture":"{{Base64}}"}"""), 400, "no-file",
            "no member 'image' with a picture (it has 'picture')"),
        ["JSON with `image` null"] =
            (() => Json("""{"image":null}"""), 400, "no-file", "no member 'image' with a picture"),
        ["JSON with two members `image`"] =
            (() => Json($$"""{"image":"{{Base64}}","image":""}"""), 400, "several-files", "more than once"),
        ["JSON with an array as `image`"] =
            (() => Json("""{"image":[[0,0.5],[1,0]]}"""), 400, "malformed-json", "is an array, not a string"),
        ["a JSON array"] =
            (() => Json($$"""["{{Base64}}"]"""), 400, "malformed-json", "The JSON is an array, not an object"),
        ["JSON that is cut off"] =
            (() => Json("{\"image\":\"" + Base64), 400, "malformed-json", "it ends too early, at line 1, byte "),
        ["JSON with single quotation marks"] =
            (() => Json("{\n'image':''}"), 400, "malformed-json",
                "a single quotation mark is not allowed at line 2, byte 1"),
        ["JSON of 1,000 levels"] =
            (() => Json("{\"x\":" + new string('[', 1_000)), 400, "malformed-json", "nested more than 64 levels"),
        ["JSON with half a surrogate pair"] =
            (() => Json("{\"\\ud83d\":1}"), 400, "malformed-json", "an escape that stands for no character"),
        ["JSON with an empty `image`"] = (() => Json("""{"image":""}"""), 400, "no-file", "0 bytes"),
        ["JSON with a URL as `image`"] = (() =>
            Json("""{"image":"https://example.org/five.png"}"""), 415, "not-an-image", "neither base64 nor a data URI"),
        ["JSON with base64 with a mistake"] =
            (() => Json($$"""{"image":"{{Base64}}!"}"""), 415, "damaged-image", "not all of it is base64"),
        ["a URL-encoded form with base64 with a mistake"] =
            (() => Text($"image={Base64}!", "application/x-www-form-urlencoded"), 415, "damaged-image",
                "not all of it is base64"),
        ["JSON with base64 of a text"] =
            (() => Json("""{"image":"SGVsbG8sIHdvcmxkIQ=="}"""), 415, "not-an-image", "format of the file is unknown"),
        ["a URL-encoded form without `image`"] = (() => Text(
            "picture=" + Base64[..^2], "application/x-www-form-urlencoded"), 400, "no-file", "no field 'image'"),
        ["a URL-encoded form with other text"] =
            (() => Text("image=five", "application/x-www-form-urlencoded"), 415, "not-an-image",
                "format of the file is unknown"),
        ["base64 with a mistake"] = (() => Text(Base64 + "!"), 415, "damaged-image", "not all of it is base64"),
        ["a data URI without base64"] =
            (() => Text("data:image/svg+xml,%3Csvg/%3E"), 415, "damaged-image", "not all of it is base64"),
        ["a HEIC file, whatever its `Content-Type`"] =
            (() => Requests.Raw(Heic, "application/x-www-form-urlencoded"), 415, "not-an-image", "a HEIC picture"),
        ["base64 of a HEIC file"] = (() => Text(Convert.ToBase64String(Heic)), 415, "not-an-image", "a HEIC picture"),
        ["text of type `text/html`"] = (() =>
            Text("<p>five</p>", "text/html"), 415, "unsupported-media-type",
            "'text/html' is not a picture, base64, a data URI, JSON or a form"),
    };

    /// <summary>
    /// By the rows of the table in docs/api.md: the boundary, the part's headers after Content-Disposition's type, the
    /// line end and the status.
    /// </summary>
    private static readonly Dictionary<string, Form> Forms = new()
    {
        ["lines that end with LF"] = ("b", "; name=\"file\"; filename=\"five.png\"", "\n", 200),
        ["a boundary of 128 characters"] = (new string('b', 128), "; name=\"file\"", "\r\n", 200),
        ["a boundary in quotation marks"] = ("\"b: 1, 2\"", "; name=\"file\"", "\r\n", 200),
        ["`filename` before `name`, with backslashes"] =
            ("b", "; filename=\"C:\\digits\\five.png\"; name=\"file\"", "\r\n", 200),
        ["`filename` that ends with a backslash"] = ("b", "; filename=\"C:\\digits\\\"; name=\"file\"", "\r\n", 200),
        ["`filename` with quotation marks"] =
            ("b", "; filename=\"the \\\"five\\\"; name=x.png\"; name=\"file\"", "\r\n", 200),
        ["`filename*`"] = ("b", "; name=file; filename*=UTF-8''f%C3%BCnf.png", "\r\n", 200),
        ["`Content-Transfer-Encoding: base64`"] =
            ("b", "; name=\"file\"\r\nContent-Transfer-Encoding: base64", "\r\n", 200),
        ["a boundary of 129 characters"] = (new string('b', 129), "; name=\"file\"", "\r\n", 400),
        ["no boundary in `Content-Type`"] = ("", "; name=\"file\"", "\r\n", 400),
        ["a part without `name`"] = ("b", "; filename=\"five.png\"", "\r\n", 400),
        ["a header line over 8 KB"] = ("b", "; name=\"file\"; filename=\"" + new string('5', 8192) + "\"", "\r\n", 400),
    };

    public static TheoryData<string> FormNames => [.. Forms.Keys];

    public static TheoryData<string, int> WayCases
    {
        get
        {
            var cases = new TheoryData<string, int>();
            foreach ((string way, Func<HttpContent>[] contents) in Ways)
            {
                foreach (int i in Enumerable.Range(0, contents.Length))
                {
                    cases.Add(way, i);
                }
            }

            return cases;
        }
    }

    public static TheoryData<string> RefusalNames => [.. Refusals.Keys];

    [Theory]
    [MemberData(nameof(WayCases))]
    public async Task A_picture_is_read_in_every_upload_format(string way, int index)
    {
        (await shared.Client.PredictAsync(Ways[way][index]())).Digit.ShouldBe(GoldenSample.Digit);
    }

    [Theory]
    [MemberData(nameof(RefusalNames))]
    public async Task Unreadable_bodies_are_rejected_with_the_reason(string name)
    {
        (Func<HttpContent> content, int status, string type, string words) = Refusals[name];

        using HttpResponseMessage response = await shared.Client.PostAsync("/predict", content());

        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        ((int)response.StatusCode).ShouldBe(status, text);
        JsonElement problem = await response.ReadJsonAsync();
        problem.GetProperty("type").GetString().ShouldBe($"/problems/{type}");
        string detail = problem.GetProperty("detail").GetString().ShouldNotBeNull();
        detail.ShouldContain(words);
        detail.ShouldNotContain("BytePosition");
    }

    /// <summary>Base64 is decoded in blocks, of which this picture has twelve.</summary>
    /// <param name="extra">Bytes after the end of the picture, for each kind of padding.</param>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Base64_of_a_large_file_gives_the_answer_of_the_file(int extra)
    {
        byte[] pixels = [.. GoldenSample.Pixels];
        byte[] file =
        [
            .. PictureFiles.Bmp(
                112, 112, (x, y) => pixels[(y / 4 * 28) + (x / 4)] is var value ? (value, value, value) : default),
            .. new byte[extra],
        ];
        float[] expected = (await shared.Client.PredictAsync(Requests.Raw(file))).Probabilities;
        string text = Convert.ToBase64String(file);

        foreach (string sent in new[] { text, text.TrimEnd('='), string.Join(
            '\n', text.Chunk(76).Select(line => new string(line))) })
        {
            (await shared.Client.PredictAsync(Text(sent))).Probabilities.ShouldBe(expected);
        }
    }

    [Fact]
    public async Task Mangled_bodies_never_make_a_500()
    {
        var random = new Random(20_261_128);
        foreach (Func<HttpContent> way in Ways.Values.SelectMany(contents => contents))
        {
            HttpContent content = way();
            byte[] whole = await content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
            for (int i = 0; i < 30; i++)
            {
                byte[] body = [.. whole[..random.Next(whole.Length * i / 30, whole.Length + 1)]];
                for (int change = 0; change < i % 4 && body.Length > 0; change++)
                {
                    body[random.Next(body.Length)] = (byte)random.Next(256);
                }

                using HttpResponseMessage response =
                    await shared.Client.PostAsync(
                        "/predict", Requests.Raw(body, content.Headers.ContentType?.ToString()));

                ((int)response.StatusCode).ShouldBeLessThan(500);
            }
        }
    }

    [Theory]
    [MemberData(nameof(FormNames))]
    public async Task A_form_is_read_in_the_spellings_of_all_common_clients(string name)
    {
        (string boundary, string headers, string lineEnd, int status) = Forms[name];
        byte[] file = headers.Contains("base64") ? Encoding.ASCII.GetBytes(Wrapped) : Picture;
        string delimiter = "--" + boundary.Trim('"');
        var content = new ByteArrayContent(
        [
            .. Encoding.ASCII.GetBytes(
                $"{delimiter}{lineEnd}Content-Disposition: form-data{headers}{lineEnd}{lineEnd}"),
            .. file,
            .. Encoding.ASCII.GetBytes($"{lineEnd}{delimiter}--{lineEnd}"),
        ]);
        content.Headers.TryAddWithoutValidation(
            "Content-Type", "multipart/form-data" + (boundary.Length == 0 ? "" : $"; boundary={boundary}"));

        using HttpResponseMessage response = await shared.Client.PostAsync("/predict", content);

        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        ((int)response.StatusCode).ShouldBe(status, text);
        text.ShouldContain(status == 200 ? $"\"digit\":{GoldenSample.Digit}" : "\"/problems/malformed-multipart\"");
    }

    [Fact]
    public void Upload_formats_and_their_errors_are_in_the_tables_of_the_documentation()
    {
        string api = File.ReadAllText(Repository.PathOf("docs", "api.md"));

        MarkdownTable.Rows(api, "| body | how it is sent |").Select(row => row[0]).ShouldBe(Ways.Keys);
        foreach (string[] form in MarkdownTable.Rows(api, "| form with | answer |"))
        {
            form[1].ShouldBe(Forms[form[0]].Status == 200 ? "read" : "400 `malformed-multipart`", form[0]);
        }

        foreach (string[] refusal in MarkdownTable.Rows(api, "| sent to /predict | status | type |"))
        {
            refusal[1..].ShouldBe([$"{Refusals[refusal[0]].Status}", $"`{Refusals[refusal[0]].Type}`"], refusal[0]);
        }
    }

    [Fact]
    public async Task A_batch_takes_the_field_file_and_base64_too()
    {
        MultipartFormDataContent form = Requests.Form("file", Picture);
        form.Add(Requests.Raw(Encoding.ASCII.GetBytes(DataUri)), "files", "five.txt");
        form.Add(new StringContent(Base64 + "!"), "file");
        form.Add(Requests.Raw(Picture), "files", "five.png");

        using HttpResponseMessage response = await shared.Client.PostAsync("/predict/batch", form);

        JsonElement[] entries = [.. (await response.ReadJsonAsync()).GetProperty("predictions").EnumerateArray()];
        entries.Length.ShouldBe(4);
        foreach (int i in new[] { 0, 1, 3 })
        {
            entries[i].GetProperty("prediction").GetProperty("digit").GetInt32().ShouldBe(GoldenSample.Digit);
        }

        entries[2].GetProperty("error").GetProperty("status").GetInt32().ShouldBe(415);
    }

    [Theory]
    [InlineData("a picture")]
    [InlineData("a form with another field")]
    [InlineData("a form that is cut off")]
    public async Task The_errors_of_a_batch_say_what_a_batch_takes(string name)
    {
        HttpContent content = name switch
        {
            "a picture" => Requests.Raw(Picture),
            "a form with another field" => Requests.Form("image", Picture),
            _ => Requests.Raw("--x\r\nContent"u8.ToArray(), "multipart/form-data; boundary=x"),
        };

        using HttpResponseMessage response = await shared.Client.PostAsync("/predict/batch", content);

        string detail = (await response.ReadJsonAsync()).GetProperty("detail").GetString().ShouldNotBeNull();
        detail.ShouldEndWith(
            "Send the pictures as the files 'files' of multipart/form-data, or a single one to /predict.");
        detail.ShouldNotContain("'file' ");
    }

    private static byte[] Encoded() =>
    [
        .. GrayPng.Encode(GoldenSample.Pixels, RowSequence.Features, RowSequence.TimeSteps),
        .. Enumerable.Range(0, 64).SelectMany(i => new byte[] { 0xFB, 0xFF, 0xBE, (byte)i }), 0,
    ];

    private static HttpContent Json(string json, string? contentType = "application/json") =>
        Requests.Raw(Encoding.UTF8.GetBytes(json), contentType);

    private static HttpContent Text(string text, string? contentType = "text/plain") =>
        Requests.Raw(Encoding.UTF8.GetBytes(text), contentType);

    private static MultipartFormDataContent Field(string text)
    {
        var value = new StringContent(text);
        value.Headers.ContentType = null;
        value.Headers.ContentDisposition = new ContentDispositionHeaderValue("form-data") { Name = "file" };
        return new MultipartFormDataContent { value };
    }
}
