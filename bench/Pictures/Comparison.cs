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
/// Pictures of every style, made from MNIST's held-out first 5,000 training images, read as the service reads them and
/// as most tutorials do: resized to 28x28 and inverted where they are light.
/// </summary>
internal static class Comparison
{
    public static void Run(string modelPath, int picturesAStyle, int firstPicture, string? mistakesFolder)
    {
        MnistImages mnist = MnistImages.Train();
        using DigitClassifier classifier = DigitClassifier.Load(modelPath);
        using ClassifierBatch batch = classifier.CreateBatch(DigitReader.MaxCandidates);
        Console.WriteLine(
            $"{classifier.Name} {classifier.Card.Version}, {picturesAStyle} pictures a style, from number "
            + $"{firstPicture} on");
        Console.WriteLine(
            "| style | right | called a digit | a candidate is right | no ink | resized and inverted, right |");
        Console.WriteLine("|---|---|---|---|---|---|");
        var all = new Counts();
        foreach (PictureStyle style in Enum.GetValues<PictureStyle>())
        {
            var counts = new Counts();
            using MistakeSheet? sheet = mistakesFolder is null ? null : new MistakeSheet();
            for (int n = firstPicture; n < firstPicture + picturesAStyle; n++)
            {
                (byte[] file, int label) = HardPicture.Make(mnist, style, n);
                counts.Add(Read(file, label, $"{n}: {label}", classifier.Card, batch, sheet));
            }

            counts.Write($"{style}");
            sheet?.Save(Path.Combine(mistakesFolder!, $"{style}.png"));
            all.Add(counts);
        }

        all.Write("all");
    }

    private static Counts Read(
        byte[] file, int label, string words, ModelCard card, ClassifierBatch batch, MistakeSheet? sheet)
    {
        ImageHeader header = ImageHeader.Read(file);
        ImageDecoder.Decode(file, header, ImageLimits.Default, out GrayImage? image);
        using GrayImage picture = image!;
        IEnumerable<DigitCandidate> proposed = PictureNormalizer.Propose(file, header, ImageLimits.Default, picture);
        DigitReading? reading = DigitReader.Read(proposed, batch, card);
        bool isRight = reading?.Digit == label;
        List<DigitCandidate> candidates = isRight ? [] : [.. proposed.Take(DigitReader.MaxCandidates)];
        bool isAnyRight = isRight || candidates.Exists(candidate => DigitOf(candidate.Pixels, batch) == label);
        if (!isRight)
        {
            string hint = isAnyRight ? ", a candidate is right" : "";
            sheet?.Add(picture, candidates, reading, $"{words} read as {reading?.Digit}{hint}");
        }

        byte[] pixels = new byte[RowSequence.Length];
        ResizeAndInvert(picture, pixels);
        return new Counts
        {
            Pictures = 1,
            Right = isRight ? 1 : 0,
            Believed = reading is { IsDigit: true } ? 1 : 0,
            AnyRight = isAnyRight ? 1 : 0,
            Blank = reading is null ? 1 : 0,
            Baseline = DigitOf(pixels, batch) == label ? 1 : 0,
        };
    }

    private static int DigitOf(byte[] pixels, ClassifierBatch batch)
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

    private sealed class Counts
    {
        public int Pictures { get; set; }

        public int Right { get; set; }

        public int Believed { get; set; }

        public int AnyRight { get; set; }

        public int Blank { get; set; }

        public int Baseline { get; set; }

        public void Add(Counts other)
        {
            Pictures += other.Pictures;
            Right += other.Right;
            Believed += other.Believed;
            AnyRight += other.AnyRight;
            Blank += other.Blank;
            Baseline += other.Baseline;
        }

        public void Write(string style) => Console.WriteLine(
            $"| {style} | {Share(Right)} | {Share(Believed)} | {Share(AnyRight)} | {Blank} | {Share(Baseline)} |");

        private string Share(int count) => $"{100.0 * count / Pictures:F1} %";
    }
}
