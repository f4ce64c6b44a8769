using System.Text.Json;
using MnistLstm.Api.Predictions;
using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Pixels;
using SkiaSharp;

namespace MnistLstm.Api.Tests;

/// <summary>The <c>box</c> of a prediction, and <c>rotate=auto</c>.</summary>
public sealed class BoxTests(SharedService shared) : IClassFixture<SharedService>
{
    /// <summary>The soft edge of the enlarged ink, and the resolution that the picture is searched at.</summary>
    private const int Tolerance = 8;

    /// <summary>A pixel of the reduced picture has about six of the sent one.</summary>
    private const int ReducedTolerance = 24;

    private static readonly DrawnPicture Drawn = DrawnPicture.Of(640, 480, SKRect.Create(330, 60, 280, 320));

    [Fact]
    public async Task The_box_is_where_the_digit_was_drawn()
    {
        Prediction prediction = await shared.Client.PredictAsync(Requests.Raw(Drawn.Png));

        prediction.Box.ShouldBeNear(Drawn.InkBox(), Tolerance);
        prediction.Rotation.ShouldBeNull();
    }

    [Fact]
    public async Task In_a_picture_in_the_form_of_MNIST_it_is_the_box_of_the_ink()
    {
        Prediction prediction = await shared.Client.PredictAsync(Requests.Raw(OpenInference.InferRequests.SamplePng));

        Math.Max(prediction.Box.Width, prediction.Box.Height).ShouldBe(20);
    }

    [Theory]
    [InlineData(6, 270)]
    [InlineData(3, 180)]
    [InlineData(8, 90)]
    public async Task The_box_refers_to_the_picture_as_displayed_after_its_EXIF_orientation(int orientation, int stored)
    {
        byte[] photo = PictureFiles.WithOrientation(Drawn.Turn(stored).Jpeg, orientation);

        Prediction prediction = await shared.Client.PredictAsync(Requests.Raw(photo, "image/jpeg"));

        prediction.Box.ShouldBeNear(Drawn.InkBox(), Tolerance);
    }

    [Fact]
    public async Task The_box_of_a_photo_that_is_reduced_while_it_is_decoded_is_in_pixels_of_the_whole_photo()
    {
        DrawnPicture large = DrawnPicture.Of(3000, 2000, SKRect.Create(1700, 500, 900, 900));

        Prediction prediction = await shared.Client.PredictAsync(
            Requests.Raw(PictureFiles.WithOrientation(large.Turn(270).Jpeg, 6), "image/jpeg"));

        prediction.Box.ShouldBeNear(large.InkBox(), ReducedTolerance);
    }

    [Fact]
    public async Task Each_picture_of_a_batch_has_its_box()
    {
        DrawnPicture other = DrawnPicture.Of(300, 500, SKRect.Create(20, 250, 200, 200));

        using HttpResponseMessage response = await shared.Client.PostAsync(
            "/predict/batch", Requests.Form("files", Drawn.Png, other.Png));

        PictureBox[] boxes =
        [
            .. (await response.ReadJsonAsync()).GetProperty("predictions").EnumerateArray()
                .Select(entry => entry.GetProperty("prediction").GetProperty("box")
                    .Deserialize<PictureBox>(JsonSerializerOptions.Web))
        ];
        boxes[0].ShouldBeNear(Drawn.InkBox(), Tolerance);
        boxes[1].ShouldBeNear(other.InkBox(), Tolerance);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(90, 270)]
    [InlineData(180, 180)]
    [InlineData(270, 90)]
    public async Task A_sideways_picture_is_rotated_if_the_client_asks_for_it(int lies, int rotation)
    {
        DrawnPicture turned = Drawn.Turn(lies);

        Prediction prediction = await shared.Client.PredictAsync(Requests.Raw(turned.Png), "?rotate=auto");

        prediction.Digit.ShouldBe(Models.GoldenSample.Digit);
        prediction.IsDigit.ShouldBeTrue();
        prediction.Rotation.ShouldBe(rotation);
        prediction.Box.ShouldBeNear(turned.InkBox(), Tolerance);
    }

    [Fact]
    public async Task A_batch_turns_each_picture_by_itself()
    {
        using HttpResponseMessage response = await shared.Client.PostAsync(
            "/predict/batch?rotate=auto",
            Requests.Form("files", Drawn.Turn(90).Png, Drawn.Png, "no picture"u8.ToArray(), Drawn.Turn(180).Png));

        JsonElement[] entries = [.. (await response.ReadJsonAsync()).GetProperty("predictions").EnumerateArray()];
        entries[0].GetProperty("prediction").GetProperty("rotation").GetInt32().ShouldBe(270);
        entries[1].GetProperty("prediction").GetProperty("rotation").GetInt32().ShouldBe(0);
        entries[2].GetProperty("error").GetProperty("type").GetString().ShouldBe("/problems/not-an-image");
        entries[3].GetProperty("prediction").GetProperty("rotation").GetInt32().ShouldBe(180);
    }

    [Fact]
    public async Task Rotated_photos_are_turned_upright_and_upright_ones_stay()
    {
        // A 6 upside down is a 9.
        (string Path, int Label)[] pictures = [.. RealDigits.Labeled().Where(picture => picture.Label is not (6 or 9))];
        foreach (int degrees in new[] { 0, 90, 180, 270 })
        {
            int right = 0;
            foreach ((string path, int label) in pictures)
            {
                byte[] turned = (await ReadAsync(path)).Turn(degrees).Png;
                Prediction prediction = await shared.Client.PredictAsync(Requests.Raw(turned), "?rotate=auto");
                right += prediction.Digit == label ? 1 : 0;
            }

            right.ShouldBe(pictures.Length, $"rotated by {degrees} degrees");
        }
    }

    private static async Task<DrawnPicture> ReadAsync(string path)
    {
        byte[] file = await File.ReadAllBytesAsync(path);
        ImageDecoder.Decode(file, ImageLimits.Default, out GrayImage? image).ShouldBe(ImageProblem.None);
        using (image)
        {
            return new DrawnPicture(image!.Pixels.ToArray(), image.Width, image.Height);
        }
    }
}
