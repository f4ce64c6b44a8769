using System.IO.Compression;
using System.Net;
using System.Text;
using MnistLstm.Api.Models;
using MnistLstm.Api.Tests.OpenInference;

namespace MnistLstm.Api.Tests;

/// <summary>
/// Common mistakes with curl and simple clients: read if the whole picture is there, otherwise named with what to do.
/// </summary>
public sealed class CommonMistakeTests(SharedService shared) : IClassFixture<SharedService>
{
    private const string FormType = "application/x-www-form-urlencoded";

    private static readonly byte[] Png = InferRequests.SamplePng;

    [Fact]
    public async Task A_PNG_that_curl_stripped_of_its_line_ends_is_named_with_the_right_option()
    {
        byte[] stripped = [.. Png.Where(one => one is not ((byte)'\r' or (byte)'\n' or 0))];

        using HttpResponseMessage response =
            await shared.Client.PostAsync("/predict", Requests.Raw(stripped, FormType));

        await ShouldSayAsync(response, 415, "curl -d", "--data-binary @", "-F file=@");
    }

    [Fact]
    public async Task A_gzip_file_without_Content_Encoding_is_named()
    {
        using var file = new MemoryStream();
        await using (var gzip = new GZipStream(file, CompressionMode.Compress, leaveOpen: true))
        {
            await gzip.WriteAsync(Png, TestContext.Current.CancellationToken);
        }

        using HttpResponseMessage response =
            await shared.Client.PostAsync("/predict", Requests.Raw(file.ToArray(), FormType));

        await ShouldSayAsync(response, 415, "gzip", "Content-Encoding: gzip");
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=utf-8")]
    public async Task Base64_alone_is_read_as_JSON_too(string contentType)
    {
        byte[] base64 = Encoding.ASCII.GetBytes(Convert.ToBase64String(Png));

        (await shared.Client.PredictAsync(Requests.Raw(base64, contentType))).Digit.ShouldBe(GoldenSample.Digit);
    }

    [Fact]
    public async Task A_picture_instead_of_JSON_is_named_with_the_header_that_it_needs()
    {
        using HttpResponseMessage response =
            await shared.Client.PostAsync(InferRequests.Infer, Requests.Raw(Png, "application/octet-stream"));

        await ShouldSayAsync(response, 400, "a picture", "Inference-Header-Content-Length: 0");
    }

    [Fact]
    public async Task A_file_name_instead_of_the_file_is_repeated_with_the_missing_sign()
    {
        using var form = new MultipartFormDataContent { { new StringContent("five.png"), "file" } };

        using HttpResponseMessage response = await shared.Client.PostAsync("/predict", form);

        await ShouldSayAsync(response, 415, "the text 'five.png'", "-F file=@FILE");
    }

    [Fact]
    public async Task In_a_batch_each_picture_gets_the_same_help()
    {
        string damagedBase64 = Convert.ToBase64String(Png)[..^8] + "****";
        using var form = new MultipartFormDataContent
        {
            { new StringContent("five.png"), "files" },
            { new ByteArrayContent([0x1F, 0x8B, 8, 0]), "files" },
            { new StringContent(damagedBase64), "files" },
            { new StringContent("data:image/png;base64,"), "files" },
            { new ByteArrayContent(Png), "files" },
        };

        using HttpResponseMessage response = await shared.Client.PostAsync("/predict/batch", form);

        await ShouldSayAsync(
            response, 200, "the text 'five.png'", "-F files=@FILE", "This is a gzip file", "not all of it is base64",
            "The picture is empty",
            $"\"digit\":{GoldenSample.Digit}");
    }

    [Theory]
    [InlineData("mode=fast")]
    [InlineData("node=3")]
    public async Task Names_of_other_programs_are_not_mistaken_for_misspellings(string query)
    {
        (await shared.Client.PredictAsync(Requests.Raw(Png), $"?{query}")).Digit.ShouldBe(GoldenSample.Digit);
    }

    [Theory]
    [InlineData("/predict?modle=1")]
    [InlineData("/predict?modell=1")]
    [InlineData("/predict?explian=1")]
    [InlineData("/predict/digits?modle=1")]
    public async Task Misspelled_names_are_rejected(string address)
    {
        using HttpResponseMessage response = await shared.Client.PostAsync(address, Requests.Raw(Png));

        await ShouldSayAsync(response, 400, "probably meant");
    }

    [Fact]
    public async Task A_name_is_not_suggested_where_it_is_not_taken()
    {
        using HttpResponseMessage response =
            await shared.Client.PostAsync("/predict/digits?explian=1", Requests.Raw(Png));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_timeout_may_be_written_with_an_exponent()
    {
        using HttpContent content = Requests.Raw(Png);
        content.Headers.Add("Request-Timeout", "1E1");

        (await shared.Client.PredictAsync(content)).Digit.ShouldBe(GoldenSample.Digit);
    }

    [Fact]
    public async Task A_single_quotation_mark_in_JSON_is_explained()
    {
        using HttpResponseMessage response =
            await shared.Client.PostAsync("/predict", Requests.Raw("{'image': ''}"u8.ToArray(), "application/json"));

        await ShouldSayAsync(response, 400, "a single quotation mark is not allowed");
    }

    [Fact]
    public async Task A_byte_in_JSON_that_is_not_UTF_8_is_explained()
    {
        byte[] json = [.. "{\""u8, 0xFF, .. "\":1}"u8];
        using HttpResponseMessage response =
            await shared.Client.PostAsync("/predict", Requests.Raw(json, "application/json"));

        await ShouldSayAsync(response, 400, "The JSON is not valid UTF-8.");
    }

    [Fact]
    public async Task An_invalid_timeout_is_echoed_up_to_64_characters()
    {
        using HttpContent content = Requests.Raw(Png);
        content.Headers.Add("Request-Timeout", $"soon{new string('x', 100)}");

        using HttpResponseMessage response = await shared.Client.PostAsync("/predict", content);

        await ShouldSayAsync(response, 400, $"not 'soon{new string('x', 59)}…'");
    }

    [Theory]
    [InlineData("x-gzip", true)]
    [InlineData("", false)]
    public async Task The_alias_of_gzip_is_read_and_an_empty_value_means_no_encoding(string encoding, bool isCompressed)
    {
        using var file = new MemoryStream();
        await using (var gzip = new GZipStream(file, CompressionMode.Compress, leaveOpen: true))
        {
            await gzip.WriteAsync(Png, TestContext.Current.CancellationToken);
        }

        using HttpContent content = Requests.Raw(isCompressed ? file.ToArray() : Png);
        content.Headers.TryAddWithoutValidation("Content-Encoding", encoding).ShouldBeTrue();

        (await shared.Client.PredictAsync(content)).Digit.ShouldBe(GoldenSample.Digit);
    }

    private static async Task ShouldSayAsync(HttpResponseMessage response, int status, params string[] words)
    {
        string text = WebUtility.HtmlDecode(await response.Content.ReadAsStringAsync());
        ((int)response.StatusCode).ShouldBe(status, text);
        foreach (string word in words)
        {
            text.ShouldContain(word);
        }
    }
}
