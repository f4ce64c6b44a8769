using System.Text.Json;
using BenchmarkDotNet.Attributes;
using MnistLstm.Api.Operations;
using MnistLstm.Api.Predictions;
using MnistLstm.Shared;
using MnistLstm.Shared.Imaging;

namespace MnistLstm.Steps;

/// <summary>The steps from an upload to its answer, one after another, for a 28x28 and a 280x280 PNG.</summary>
[MemoryDiagnoser]
public class PathOfADigit
{
    private readonly byte[] _pixels = new byte[RowSequence.Length];
    private readonly float[] _rows = new float[RowSequence.Length];
    private byte[] _file = [];
    private GrayImage? _image;
    private Prediction? _prediction;

    /// <summary>Pixels of the sample's side for each of MNIST's.</summary>
    [Params(1, 10)]
    public int Scale { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        int side = RowSequence.Features * Scale;
        byte[] pixels = new byte[side * side];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = GoldenSample.Pixels[(i / side / Scale * RowSequence.Features) + (i % side / Scale)];
        }

        _file = GrayPng.Encode(pixels, side, side);
        ImageDecoder.Decode(_file, ImageLimits.Default, out _image);
        _prediction = new Prediction
        {
            Digit = 7,
            Probability = 0.99434954f,
            Probabilities = [2.869e-08f, 1.0556219E-05f, 0.00033555f, 0.00039472f, 4.214e-07f, 2.78e-07f, 5.33e-09f, 0.99434954f, 2.06e-07f, 0.0049f],
            IsDigit = true,
            Model = new ModelReference("digits", "0123456789ab"),
        };
    }

    [Benchmark(Description = "2 decode")]
    public void Decode()
    {
        ImageDecoder.Decode(_file, ImageLimits.Default, out GrayImage? image);
        image!.Dispose();
    }

    [Benchmark(Description = "3 normalise")]
    public bool Normalise() => DigitNormalizer.Normalize(_image!, _pixels).HasInk;

    [Benchmark(Description = "4 rows")]
    public void Rows() => RowSequence.FromPixels(_pixels, _rows);

    [Benchmark(Description = "7 answer")]
    public void Answer()
    {
        using var answer = JsonAnswer.Rent();
        JsonSerializer.Serialize(answer.Writer, _prediction!, PredictionJson.Default.Prediction);
    }
}
