using System.Runtime.InteropServices;
using MnistLstm.Shared;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Evaluation;
using MnistLstm.Trainer.Onnx;
using MnistLstm.Trainer.OutOfDistribution;

namespace MnistLstm.Trainer.Tests.Onnx;

public sealed class QuantizationTests : IDisposable
{
    /// <summary>Maximum share of differing test images: 3 of 10,000.</summary>
    private const double MostLost = 0.0003;

    /// <summary>A byte of h that is rounded the other way changes a logit of 10 or so by up to this.</summary>
    private const double LogitTolerance = 0.15;

    private const int Hidden = 128;
    private const int Units = Hidden + LstmQuantizer.PinUnits;

    private static readonly string Float = Repository.PathOf("models", "digits-float.onnx");

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_quantized_model_fits_the_contract_and_reads_as_well()
    {
        MnistDataset data = await LoadAsync();
        string path = Path.Combine(_folder, "small.onnx");
        using DigitClassifier original = DigitClassifier.Load(Float);

        WrittenModel written = QuantizedModel.Write(original, Float, data, path, TestContext.Current.CancellationToken);

        using DigitClassifier quantized = DigitClassifier.Load(path);
        SplitResult before = ClassificationMetrics.Measure(
            OnnxPredictions.Of(original, data.Test, TestContext.Current.CancellationToken).Probabilities,
            data.Test.Labels);
        SplitResult after = ClassificationMetrics.Measure(
            OnnxPredictions.Of(quantized, data.Test, TestContext.Current.CancellationToken).Probabilities,
            data.Test.Labels);
        (before.Accuracy - after.Accuracy).ShouldBeLessThanOrEqualTo(MostLost);
        written.Card.Test.Correct.ShouldBe(after.Correct);
        quantized.Card.Test.Correct.ShouldBe(after.Correct);
        quantized.Card.Version.ShouldNotBe(original.Card.Version);
        written.Card.Run.ShouldBe(ModelCard.FromJson(File.ReadAllText(ModelWriter.CardPath(Float))).Run);
        quantized.Card.Quantization!.FloatVersion.ShouldBe(original.Card.Version);
        quantized.Card.Quantization.FloatSha256.ShouldBe(original.Card.ModelSha256);
        quantized.Card.Quantization.DifferentDigits.ShouldBeInRange(0, 20);
        quantized.Card.Temperature.ShouldNotBe(original.Card.Temperature);
        quantized.Card.IsDigitThreshold.ShouldNotBe(original.Card.IsDigitThreshold);
        quantized.Card.Refused!.Digits.ShouldBeLessThanOrEqualTo(IsDigitThreshold.DigitsRefused);
        ModelCard.FromJson(File.ReadAllText(ModelWriter.CardPath(path))).ModelSha256.ShouldBe(
            quantized.Card.ModelSha256);
        quantized.Card.DataSha256.ShouldBe(original.Card.DataSha256);
        new FileInfo(path).Length.ShouldBeLessThan(new FileInfo(Float).Length / 3);
    }

    [Fact]
    public void The_same_model_gives_the_same_bytes()
    {
        byte[][] files =
        [
            .. Enumerable.Range(0, 2).Select(_ =>
            {
                ModelProto model = LstmQuantizer.Quantize(File.ReadAllBytes(Float));
                return LstmQuantizer.With(model, temperature: 1, ModelCard.FromJson(model.MetadataProps[0].Value));
            }),
        ];

        files[1].ShouldBe(files[0]);
    }

    [Fact]
    public void Byte_weights_that_lose_too_much_are_not_written_unless_more_is_allowed()
    {
        using DigitClassifier original = DigitClassifier.Load(Float);
        using DigitClassifier bytes = DigitClassifier.Load(Repository.PathOf("models", "digits.onnx"));
        DigitSet hard = HeldOutPictures.Views(TestDigits.Mnist(10_000));
        var (floats, rounded) = (OnnxPredictions.Of(original, hard), OnnxPredictions.Of(bytes, hard));
        int[] different =
            [.. Enumerable.Range(0, hard.Count).Where(n => floats.DigitOf(n).Digit != rounded.DigitOf(n).Digit)];
        different.Length.ShouldBeGreaterThan(QuantizedModel.MaxLossOfFew);
        DigitSet lost = hard.Choose(different);
        lost = lost with { Labels = [.. different.Select(n => (byte)floats.DigitOf(n).Digit)] };
        var data = new MnistDataset(Train: lost, Validation: lost, Test: lost)
        {
            Sha256 = new Dictionary<string, string> { ["lost"] = "0" },
        };
        string path = Path.Combine(_folder, "lost.onnx");

        Should.Throw<TrainerException>(() => Write(moreLoss: different.Length - QuantizedModel.MaxLossOfFew - 1))
            .Message.ShouldStartWith($"With byte weights {different.Length} more of {different.Length} held-out ");
        File.Exists(path).ShouldBeFalse();
        ModelCard card = Write(moreLoss: different.Length).Card;
        card.Validation!.Correct.ShouldBe(0);
        card.DataSha256.ShouldBe(data.Sha256);

        WrittenModel Write(double moreLoss) => QuantizedModel.Write(
            original, Float, data, path, TestContext.Current.CancellationToken, moreLoss);
    }

    [Fact]
    public void The_committed_byte_weights_are_those_of_the_committed_float_ones()
    {
        ModelProto committed =
            ModelProto.Parser.ParseFrom(File.ReadAllBytes(Repository.PathOf("models", "digits.onnx")));
        using DigitClassifier original = DigitClassifier.Load(Float);

        LstmQuantizer.Weights(committed)
            .ShouldBe(LstmQuantizer.Weights(LstmQuantizer.Quantize(File.ReadAllBytes(Float))));
        ModelCard card = ModelCard.FromJson(committed.MetadataProps.Single(p => p.Key == ModelContract.CardKey).Value);
        card.Quantization!.FloatSha256.ShouldBe(original.Card.ModelSha256);
    }

    [Theory]
    [InlineData("lstm.W", 28)]
    [InlineData("lstm.R", 128)]
    public void Each_weight_is_rounded_to_the_nearest_of_its_scale(string name, int inputs)
    {
        ReadOnlySpan<float> floats = MemoryMarshal.Cast<byte, float>(
            ModelProto.Parser.ParseFrom(File.ReadAllBytes(Float)).Graph.Initializer.Single(t =>
                t.Name == name).RawData.Span);

        PlainByteLstm.Matrix weights = PlainByteLstm.Matrix.Of(LstmQuantizer.Quantize(File.ReadAllBytes(Float)), name);

        for (int row = 0; row < 4 * Hidden; row++)
        {
            int column = (row / Hidden * Units) + (row % Hidden); // each gate has the pins after its units
            for (int i = 0; i < inputs; i++)
            {
                float value = weights.Values[(i * weights.Columns) + column] * weights.Scales[column];
                value.ShouldBe(floats[(row * inputs) + i], tolerance: 0.501 * weights.Scales[column]);
            }
        }
    }

    [Fact]
    public void Pinning_does_not_change_the_file()
    {
        ModelProto model = LstmQuantizer.Quantize(File.ReadAllBytes(Float));
        PlainByteLstm.Matrix input = PlainByteLstm.Matrix.Of(model, "lstm.W");
        PlainByteLstm.Matrix recurrent = PlainByteLstm.Matrix.Of(model, "lstm.R");

        input.Values.AsSpan(RowSequence.Features * input.Columns).ToArray().ShouldAllBe(value => value == 0);
        recurrent.Values.AsSpan(Hidden * recurrent.Columns).ToArray().ShouldAllBe(value => value == 0);
        ReadOnlySpan<float> output = MemoryMarshal.Cast<byte, float>(
            model.Graph.Initializer.Single(t => t.Name == "fc.weight").RawData.Span);
        for (int digit = 0; digit < ModelContract.Classes; digit++)
        {
            output.Slice((digit * Units) + Hidden, LstmQuantizer.PinUnits).ToArray().ShouldBe([0, 0]);
        }
    }

    [Theory]
    [InlineData("lstm.W")]
    [InlineData("lstm.R")]
    public void No_two_neighbors_overflow_16_bits(string name)
    {
        PlainByteLstm.Matrix weights = PlainByteLstm.Matrix.Of(LstmQuantizer.Quantize(File.ReadAllBytes(Float)), name);

        int most = 0;
        for (int i = 0; i < weights.Inputs; i += 2)
        {
            for (int column = 0; column < weights.Columns; column++)
            {
                int other = i + 1 < weights.Inputs ? weights.Values[((i + 1) * weights.Columns) + column] : 0;
                most = Math.Max(most, Math.Abs((int)weights.Values[(i * weights.Columns) + column]) + Math.Abs(other));
            }
        }

        (byte.MaxValue * most).ShouldBeLessThanOrEqualTo(short.MaxValue);
        most.ShouldBeGreaterThan(120, "the range should be used");
    }

    /// <summary>
    /// For each column the bytes that make the most and the least sum of all; a processor that saturates differs.
    /// </summary>
    [Theory]
    [InlineData("lstm.W")]
    [InlineData("lstm.R")]
    public void ONNX_Runtime_adds_the_bytes_exactly_even_for_the_largest_sums(string name)
    {
        PlainByteLstm.Matrix weights = PlainByteLstm.Matrix.Of(LstmQuantizer.Quantize(File.ReadAllBytes(Float)), name);
        byte[] inputs =
        [
            .. Enumerable.Range(0, weights.Columns).SelectMany(column => new[] { 1, -1 }.SelectMany(sign =>
                Enumerable.Range(0, weights.Inputs)
                    .Select(i => sign * weights.Values[(i * weights.Columns) + column] > 0 ? byte.MaxValue : (byte)0))),
        ];

        int[] sums = IntegerProducts.Compute(inputs, weights.Values, weights.Inputs, weights.Columns);

        for (int n = 0; n < 2 * weights.Columns; n++)
        {
            for (int column = 0; column < weights.Columns; column++)
            {
                sums[(n * weights.Columns) + column].ShouldBe(
                    weights.Sum(column, inputs.AsSpan(n * weights.Inputs, weights.Inputs), zero: 0));
            }
        }
    }

    [Fact]
    public void ONNX_Runtime_computes_what_plain_code_does()
    {
        ModelProto model = LstmQuantizer.Quantize(File.ReadAllBytes(Float));
        using DigitClassifier quantized = Load(model);
        DigitSet digits = TestDigits.Mnist(100);
        var plain = new PlainByteLstm(model);
        float[] logits = OnnxPredictions.Of(quantized, digits, TestContext.Current.CancellationToken).Logits;

        for (int n = 0; n < digits.Count; n++)
        {
            var rows = new float[RowSequence.Length];
            RowSequence.FromPixels(digits.Image(n), rows);
            double[] expected = plain.Logits(rows);
            for (int digit = 0; digit < ModelContract.Classes; digit++)
            {
                logits[(n * ModelContract.Classes) + digit]
                    .ShouldBe((float)expected[digit], LogitTolerance, $"image {n}");
            }
        }
    }

    [Fact]
    public void Logits_are_bit_for_bit_the_same_in_every_batch()
    {
        using DigitClassifier quantized = Load(LstmQuantizer.Quantize(File.ReadAllBytes(Float)));
        float[][] images = [.. Images()];
        int[][] alone;
        using (ClassifierBatch one = quantized.CreateBatch(1))
        {
            alone = [.. images.Select(image => Bits(one, [image])[0])];
        }

        using ClassifierBatch batch = quantized.CreateBatch(128);
        for (int count = 1; count <= 128; count++)
        {
            // In steps that are prime to the number of images, so that each has ever other company.
            int[] chosen = [.. Enumerable.Range(0, count).Select(n => ((count * 31) + (n * 17)) % images.Length)];

            int[][] together = Bits(batch, [.. chosen.Select(n => images[n])]);

            for (int n = 0; n < count; n++)
            {
                together[n].ShouldBe(alone[chosen[n]], $"image {chosen[n]} as {n} of {count}");
            }
        }
    }

    /// <summary>
    /// A blank one, digits, dim ones, a pixel in each place alone, and each digit's first rows alone.
    /// </summary>
    private static IEnumerable<float[]> Images()
    {
        const int Digits = 40;
        DigitSet digits = TestDigits.Mnist(Digits);
        yield return new float[RowSequence.Length];
        for (int n = 0; n < Digits; n++)
        {
            var digit = new float[RowSequence.Length];
            RowSequence.FromPixels(digits.Image(n), digit);
            yield return digit;
            yield return [.. digit.Select(value => value * (n + 1) / (2 * Digits))];
            yield return [.. digit.Select(value => 1 - value)];
        }

        for (int rows = 1; rows < RowSequence.TimeSteps; rows++)
        {
            var start = new float[RowSequence.Length];
            RowSequence.FromPixels(digits.Image(rows % Digits)[..(rows * RowSequence.Features)], start);
            yield return start;
        }
    }

    private static int[][] Bits(ClassifierBatch batch, float[][] images)
    {
        for (int n = 0; n < images.Length; n++)
        {
            images[n].CopyTo(batch.Rows(n));
        }

        batch.Run(images.Length);
        return [.. Enumerable.Range(0, images.Length)
            .Select(n => MemoryMarshal.Cast<float, int>(batch.Logits(n)).ToArray())];
    }

    private DigitClassifier Load(ModelProto model)
    {
        string path = Path.Combine(_folder, "bytes.onnx");
        File.WriteAllBytes(path, LstmQuantizer.With(model, temperature: 1, TestCards.Any));
        return DigitClassifier.Load(path);
    }

    [Fact]
    public void The_graph_needs_one_more_operator_set_and_no_newer_one()
    {
        ModelProto model = LstmQuantizer.Quantize(File.ReadAllBytes(Float));

        model.OpsetImport.ToDictionary(set => set.Domain, set => set.Version)
            .ShouldBe(new Dictionary<string, long> { [""] = ModelContract.MaxOpset, [LstmQuantizer.Domain] = 1 });
        model.Graph.Node.Single(node => node.OpType == "DynamicQuantizeLSTM").Domain.ShouldBe(LstmQuantizer.Domain);
        model.Graph.Node.ShouldNotContain(node => node.OpType == "LSTM");
    }

    [Fact]
    public void A_model_that_is_quantized_already_is_rejected_with_a_sentence()
    {
        ModelProto model = LstmQuantizer.Quantize(File.ReadAllBytes(Float));
        byte[] quantized = LstmQuantizer.With(model, temperature: 1, ModelCard.FromJson(model.MetadataProps[0].Value));

        Should.Throw<TrainerException>(() => LstmQuantizer.Quantize(quantized)).Message.ShouldBe(
            "The model has byte weights already. Give the one with float weights.");
    }

    [Theory]
    [InlineData("")]
    [InlineData("not a model")]
    [InlineData("\u0008\u0008")]
    public void A_file_that_train_has_not_written_is_rejected_with_a_sentence(string content)
    {
        TrainerException refusal = Should.Throw<TrainerException>(
            () => LstmQuantizer.Quantize(System.Text.Encoding.UTF8.GetBytes(content)));

        refusal.Message.ShouldStartWith("The file is not a model that 'train' has written");
        refusal.ExitCode.ShouldBe(ExitCodes.BadInput);
    }

    private static Task<MnistDataset> LoadAsync() => MnistDataset.LoadAsync(
        MnistSource.Find(MnistImages.Folder), TestContext.Current.CancellationToken);
}
