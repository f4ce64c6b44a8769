using System.Numerics.Tensors;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Models;
using MnistLstm.Shared.Normalization;
using MnistLstm.Shared.Pixels;
using MnistLstm.Support;
using MnistLstm.Support.HardPictures;

namespace MnistLstm.Bench.Pictures;

/// <summary>
/// Pictures of every style, made from MNIST's held-out first 5,000 training images, read as the service reads them and as
/// most tutorials do: resized to 28x28 and inverted where they are light.
/// </summary>
internal static class Comparison
{
    public static void Run(string modelPath, int picturesAStyle, int firstPicture, string? mistakesFolder)
    {
        MnistImages mnist = MnistImages.Train();
        using DigitClassifier classifier = DigitClassifier.Load(modelPath);
        using ClassifierBatch batch = classifier.CreateBatch(DigitReader.MaxCandidates);
        Console.WriteLine($"{classifier.Name} {classifier.Card.Version}, {picturesAStyle} pictures a style, from number {firstPicture} on");
        Console.WriteLine("| style | right | called a digit | no ink | resized and inverted, right |");
        Console.WriteLine("|---|---|---|---|---|");
        int allRight = 0;
        int allBelieved = 0;
        int allBlank = 0;
        int allBaseline = 0;
        PictureStyle[] styles = Enum.GetValues<PictureStyle>();
        foreach (PictureStyle style in styles)
        {
            int right = 0;
            int believed = 0;
            int blank = 0;
            int baseline = 0;
            using MistakeSheet? sheet = mistakesFolder is null ? null : new MistakeSheet();
            for (int n = firstPicture; n < firstPicture + picturesAStyle; n++)
            {
                int index = HardPicture.ImageOf(style, n);
                int label = mnist.Label(index);
                byte[] file = HardPicture.Make(mnist.Pixels(index), style, seed: n);
                ImageHeader header = ImageHeader.Read(file);
                ImageDecoder.Decode(file, header, ImageLimits.Default, out GrayImage? image);
                using GrayImage picture = image!;
                DigitReading? reading = DigitReader.Read(
                    PictureNormalizer.Propose(file, header, ImageLimits.Default, picture), batch, classifier.Card);
                byte[] pixels = reading?.Candidate.Pixels ?? new byte[RowSequence.Length];
                right += reading?.Digit == label ? 1 : 0;
                believed += reading?.IsDigit == true ? 1 : 0;
                blank += reading is null ? 1 : 0;
                if (reading?.Digit != label)
                {
                    sheet?.Add(picture, pixels, $"{label} {reading?.Digit}");
                }

                ResizeAndInvert(picture, pixels);
                baseline += Read(batch, pixels) == label ? 1 : 0;
            }

            Write($"{style}", picturesAStyle, right, believed, blank, baseline);
            sheet?.Save(Path.Combine(mistakesFolder!, $"{style}.png"));
            allRight += right;
            allBelieved += believed;
            allBlank += blank;
            allBaseline += baseline;
        }

        Write("all", picturesAStyle * styles.Length, allRight, allBelieved, allBlank, allBaseline);
    }

    private static void Write(string style, int count, int right, int believed, int blank, int baseline) =>
        Console.WriteLine($"| {style} | {100.0 * right / count:F1} % | {100.0 * believed / count:F1} % | {blank} | {100.0 * baseline / count:F1} % |");

    private static int Read(ClassifierBatch batch, byte[] pixels)
    {
        RowSequence.FromPixels(pixels, batch.Rows(0));
        batch.Run(1);
        return TensorPrimitives.IndexOfMax(batch.Probabilities(0));
    }

    private static void ResizeAndInvert(GrayImage image, Span<byte> pixels)
    {
        double sum = 0;
        for (int y = 0; y < RowSequence.TimeSteps; y++)
        {
            for (int x = 0; x < RowSequence.Features; x++)
            {
                int top = y * image.Height / RowSequence.TimeSteps;
                int bottom = Math.Max(top + 1, (y + 1) * image.Height / RowSequence.TimeSteps);
                int left = x * image.Width / RowSequence.Features;
                int right = Math.Max(left + 1, (x + 1) * image.Width / RowSequence.Features);
                long block = 0;
                for (int v = top; v < bottom; v++)
                {
                    foreach (byte pixel in image.Row(v)[left..right])
                    {
                        block += pixel;
                    }
                }

                byte mean = (byte)(block / ((bottom - top) * (right - left)));
                pixels[(y * RowSequence.Features) + x] = mean;
                sum += mean;
            }
        }

        if (sum / RowSequence.Length > 127)
        {
            foreach (ref byte pixel in pixels)
            {
                pixel = (byte)(255 - pixel);
            }
        }
    }
}
