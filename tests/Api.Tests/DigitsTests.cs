using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MnistLstm.Api.Models;
using MnistLstm.Api.Predictions;
using MnistLstm.Api.Tests.OpenInference;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;
using SkiaSharp;

namespace MnistLstm.Api.Tests;

/// <summary><c>POST /predict/digits</c>.</summary>
public sealed class DigitsTests(SharedService shared) : IClassFixture<SharedService>
{
    private const int Tolerance = 8;
    private static readonly DrawnPicture Sheet = new([.. Enumerable.Repeat((byte)255, 640 * 480)], 640, 480);

    [Fact]
    public async Task Digits_come_in_reading_order()
    {
        DrawnPicture first = Sheet.With(GoldenSample.Pixels, SKRect.Create(60, 40, 150, 150));
        DrawnPicture second = Sheet.With(GoldenSample.Pixels, SKRect.Create(300, 50, 150, 150));
        DrawnPicture third = Sheet.With(GoldenSample.Pixels, SKRect.Create(40, 280, 150, 150));
        DrawnPicture all = first.Darken(second).Darken(third);

        DigitsPrediction prediction = await ReadAsync(all.Png);

        prediction.Text.ShouldBe("33\n3");
        prediction.Model.Name.ShouldBe("digits");
        prediction.Digits.Select(digit => digit.Line).ShouldBe([0, 0, 1]);
        prediction.Digits.ShouldAllBe(digit => digit.IsDigit && digit.Digit == 3 && digit.Probabilities.Length == 10);
        foreach ((PredictedDigit digit, DrawnPicture drawn) in prediction.Digits.Zip([first, second, third]))
        {
            digit.Box.ShouldBeNear(drawn.InkBox(), Tolerance);
        }
    }

    [Fact]
    public async Task The_answer_has_the_shape_of_the_contract()
    {
        using HttpResponseMessage response = await PostAsync(Requests.Raw(InferRequests.SamplePng));

        response.Headers.GetValues("Server-Timing").Single().ShouldStartWith("decode;dur=");
        JsonElement answer = await response.ReadJsonAsync();
        answer.EnumerateObject().Select(property => property.Name).ShouldBe(["text", "digits", "model"]);
        answer.GetProperty("digits")[0].EnumerateObject().Select(property => property.Name)
            .ShouldBe(["digit", "probability", "probabilities", "isDigit", "line", "box"]);
    }

    [Fact]
    public async Task A_picture_in_the_form_of_MNIST_gives_the_answer_of_predict()
    {
        Prediction one = await shared.Client.PredictAsync(Requests.Raw(InferRequests.SamplePng));

        PredictedDigit digit = (await ReadAsync(InferRequests.SamplePng)).Digits.ShouldHaveSingleItem();

        digit.Probabilities.ShouldBe(one.Probabilities, 1e-6f);
        digit.Box.ShouldBe(one.Box);
    }

    [Fact]
    public async Task Separated_digits_are_read_and_most_numbers_are_completely_right()
    {
        const double LeastRight = 0.94;
        double right = await ShareOfNumbersAsync(count: 200, length: 4, gap: 6);
        right.ShouldBeGreaterThanOrEqualTo(LeastRight);
    }

    [Fact]
    public async Task Touching_digits_are_cut_apart()
    {
        const double LeastRight = 0.85;
        double right = await ShareOfNumbersAsync(count: 200, length: 2, gap: -1);
        right.ShouldBeGreaterThanOrEqualTo(LeastRight);
    }

    [Fact]
    public async Task Punctuation_and_a_minus_sign_are_not_digits()
    {
        DrawnPicture number = Sheet.With(GoldenSample.Pixels, SKRect.Create(200, 150, 150, 150))
            .Darken(Sheet.With(GoldenSample.Pixels, SKRect.Create(400, 150, 150, 150)))
            .Fill(100, 220, 70, 12)
            .Fill(370, 262, 14, 14);

        (await ReadAsync(number.Png)).Text.ShouldBe("33");
    }

    [Fact]
    public async Task A_shape_that_is_not_a_digit_is_a_question_mark()
    {
        DrawnPicture shapes = Sheet.With(GoldenSample.Pixels, SKRect.Create(100, 150, 150, 150))
            .Fill(350, 170, 120, 110);

        (await ReadAsync(shapes.Png)).Text.ShouldBe("3?");
    }

    [Fact]
    public async Task A_tilted_line_stays_one_line()
    {
        DrawnPicture tilted = Enumerable.Range(0, 6).Aggregate(
            Sheet, (sheet, i) =>
                sheet.Darken(Sheet.With(GoldenSample.Pixels, SKRect.Create(20 + (100 * i), 40 + (17 * i), 90, 90))));

        (await ReadAsync(tilted.Png)).Text.ShouldBe("333333");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(128)]
    public async Task A_number_in_a_surround_of_another_tone_is_read(byte tone)
    {
        DrawnPicture number = Enumerable.Range(0, 3).Aggregate(
            Sheet, (sheet, i) =>
                sheet.Darken(Sheet.With(GoldenSample.Pixels, SKRect.Create(40 + (180 * i), 100, 150, 150))));

        (await ReadAsync(number.Surround(60, tone).Png)).Text.ShouldBe("333");
    }

    [Fact]
    public async Task Digits_on_ruled_paper_are_read()
    {
        DrawnPicture ruled = Enumerable.Range(0, 3).Aggregate(
            Sheet, (sheet, i) =>
                sheet.Darken(Sheet.With(GoldenSample.Pixels, SKRect.Create(40 + (180 * i), 100, 150, 150))));
        for (int y = 40; y < 480; y += 70)
        {
            ruled = ruled.Fill(0, y, 640, 2);
        }

        (await ReadAsync(ruled.Png)).Text.ShouldBe("333");
    }

    [Fact]
    public async Task A_photo_is_turned_upright_and_its_boxes_are_in_pixels_as_displayed()
    {
        DrawnPicture drawn = DrawnPicture.Of(1600, 1200, SKRect.Create(300, 200, 600, 600));

        DigitsPrediction prediction = await ReadAsync(PictureFiles.WithOrientation(drawn.Turn(270).Jpeg, 6));

        prediction.Digits.ShouldHaveSingleItem().Box.ShouldBeNear(drawn.InkBox(), 3 * Tolerance);
    }

    [Fact]
    public async Task A_picture_with_more_digits_than_allowed_is_rejected()
    {
        await using RunningService service = await RunningService.StartAsync("--max-digits", "2");
        DrawnPicture three = Enumerable.Range(0, 3).Aggregate(
            Sheet, (sheet, i) =>
                sheet.Darken(Sheet.With(GoldenSample.Pixels, SKRect.Create(40 + (180 * i), 100, 150, 150))));

        using HttpResponseMessage response = await service.Client.PostAsync("/predict/digits", Requests.Raw(three.Png));

        ((int)response.StatusCode).ShouldBe(422);
        JsonElement problem = await response.ReadJsonAsync();
        problem.GetProperty("type").GetString().ShouldBe("/problems/too-many-digits");
        problem.GetProperty("detail").GetString().ShouldNotBeNull().ShouldStartWith(
            "The picture seems to have 3 digits; the limit is 2.");
    }

    [Fact]
    public async Task Noise_is_answered_or_rejected_and_never_causes_an_error()
    {
        byte[] noise = new byte[400 * 300];
        new Random(1).NextBytes(noise);

        using HttpResponseMessage response = await PostAsync(Requests.Raw(Pictures.GrayPng(noise, 400, 300)));

        ((int)response.StatusCode).ShouldBeOneOf(200, 422);
    }

    [Theory]
    [InlineData("/predict", "dots", 200)] // 65,536 components
    [InlineData("/predict/digits", "dots", 422)]
    [InlineData("/predict/digits", "scribbles", 200)] // 90 figures that could be cut at hundreds of places each
    public async Task A_picture_crafted_to_be_slow_is_answered_in_seconds(string path, string what, int status)
    {
        const int Side = 1024;
        byte[] pixels = [.. Enumerable.Repeat((byte)255, Side * Side)];
        for (int i = 0; i < pixels.Length; i++)
        {
            (int y, int x) = Math.DivRem(i, Side);
            if (what == "dots" && x % 4 < 2 && y % 4 < 2)
            {
                pixels[i] = 0;
            }
            else if (what == "scribbles" && y < 90 && x is > 6 and < Side - 6)
            {
                double line = (y + 0.5) * Side / 90;
                foreach (double frequency in (ReadOnlySpan<double>)[2.2, 5.3, 9.1])
                {
                    int row = (int)(line + (4 * Math.Sin((x / 9.0 * frequency) + y)));
                    pixels[(row * Side) + x] = pixels[(row * Side) + x + 1] = pixels[((row + 1) * Side) + x] = 0;
                }
            }
        }

        HttpContent content = Requests.Raw(Pictures.GrayPng(pixels, Side, Side));
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        request.Headers.Add("Request-Timeout", "8");
        using HttpResponseMessage response = await shared.Client.SendAsync(request);

        ((int)response.StatusCode).ShouldBe(status);
    }

    [Theory]
    [InlineData("?explain=true", 400, "bad-query")]
    [InlineData("?rotate=auto", 400, "bad-query")]
    [InlineData("?model=nobody", 404, "unknown-model")]
    public async Task An_invalid_query_is_rejected(string query, int status, string type)
    {
        using HttpResponseMessage response = await shared.Client.PostAsync(
            "/predict/digits" + query, Requests.Raw(InferRequests.SamplePng));

        ((int)response.StatusCode).ShouldBe(status);
        (await response.ReadJsonAsync()).GetProperty("type").GetString().ShouldBe($"/problems/{type}");
    }

    [Theory]
    [InlineData("blank", 422, "no-ink")]
    [InlineData("text", 415, "not-an-image")]
    [InlineData("nothing", 400, "no-file")]
    public async Task Unreadable_pictures_get_the_problem_of_predict(string what, int status, string type)
    {
        HttpContent content = what switch
        {
            "blank" =>
                Requests.Raw(GrayPng.Encode(new byte[RowSequence.Length], RowSequence.Features, RowSequence.TimeSteps)),
            "text" => Requests.Raw("This is no picture."u8.ToArray()),
            _ => Requests.Raw([]),
        };

        using HttpResponseMessage response = await PostAsync(content);

        ((int)response.StatusCode).ShouldBe(status);
        (await response.ReadJsonAsync()).GetProperty("type").GetString().ShouldBe($"/problems/{type}");
    }

    [Fact]
    public async Task The_body_may_be_a_form_base64_or_compressed()
    {
        byte[] png = Sheet.With(GoldenSample.Pixels, SKRect.Create(100, 150, 150, 150)).Png;
        using var gzipped = new MemoryStream();
        await using (var gzip = new GZipStream(gzipped, CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(png);
        }

        HttpContent compressed = Requests.Raw(gzipped.ToArray());
        compressed.Headers.ContentEncoding.Add("gzip");
        HttpContent[] bodies =
        [
            Requests.Form("file", png),
            JsonContent.Create(new { image = Convert.ToBase64String(png) }),
            compressed,
        ];

        foreach (HttpContent body in bodies)
        {
            using HttpResponseMessage response = await PostAsync(body);
            (await response.ReadJsonAsync()).GetProperty("text").GetString().ShouldBe("3");
        }
    }

    /// <summary>Numbers of held-out digits, on one base line.</summary>
    /// <param name="count">Number of numbers.</param>
    /// <param name="length">Digits of a number.</param>
    /// <param name="gap">Pixels of MNIST between the ink of neighbors; below 0 they touch.</param>
    private async Task<double> ShareOfNumbersAsync(int count, int length, int gap)
    {
        const int Scale = 3;
        MnistImages images = MnistImages.Test();
        int right = 0;
        string wrong = "";
        for (int n = 0; n < count; n++)
        {
            int[] members = [.. Enumerable.Range(n * length, length)];
            int x = 60;
            DrawnPicture sheet = new([.. Enumerable.Repeat((byte)255, 600 * 200)], 600, 200);
            foreach (int i in members)
            {
                PictureBox ink = DrawnPicture.InkBox(images.Pixels(i));
                sheet = sheet.Darken(sheet.With(
                    images.Pixels(i), SKRect.Create(x - (Scale * ink.X), 50, 28 * Scale, 28 * Scale)));
                x += Scale * (ink.Width + gap);
            }

            string text = (await ReadAsync(sheet.Png)).Text;
            string expected = string.Concat(members.Select(i => images.Label(i)));
            right += text == expected ? 1 : 0;
            wrong += text == expected ? "" : $" {expected}: {text.Replace("\n", "/", StringComparison.Ordinal)}";
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{right} of {count} numbers of {length} digits right; not{wrong}");
        return (double)right / count;
    }

    private async Task<DigitsPrediction> ReadAsync(byte[] picture)
    {
        using HttpResponseMessage response = await PostAsync(Requests.Raw(picture));
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<DigitsPrediction>(JsonSerializerOptions.Web))!;
    }

    private Task<HttpResponseMessage> PostAsync(HttpContent content) =>
        shared.Client.PostAsync("/predict/digits", content);
}
