using System.Runtime.InteropServices;
using Google.Protobuf;
using MnistLstm.Shared;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Network;
using static TorchSharp.torch;

namespace MnistLstm.Trainer.Onnx;

/// <summary>Reads the weights back from a file that <see cref="OnnxExporter"/> wrote.</summary>
public static class OnnxImporter
{
    /// <exception cref="TrainerException">There is no file of one LSTM and a linear layer.</exception>
    public static LstmClassifier Read(string path)
    {
        Dictionary<string, TensorProto> weights;
        try
        {
            weights = (ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)).Graph?.Initializer ?? [])
                .ToDictionary(tensor => tensor.Name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidProtocolBufferException
            or ArgumentException)
        {
            throw new TrainerException($"The model '{path}' cannot be read: {e.Message}");
        }

        int hidden = weights.TryGetValue(OnnxExporter.OutputWeights, out TensorProto? output)
            ? output.RawData.Length / sizeof(float) / ModelContract.Classes
            : 0;
        float[] inputWeights = Values(OnnxExporter.InputWeights, 4 * hidden * RowSequence.Features);
        float[] recurrentWeights = Values(OnnxExporter.RecurrentWeights, 4 * hidden * hidden);
        float[] biases = Values(OnnxExporter.Biases, 8 * hidden);
        float[] outputWeights = Values(OnnxExporter.OutputWeights, ModelContract.Classes * hidden);
        float[] outputBias = Values(OnnxExporter.OutputBias, ModelContract.Classes);

        var network = new LstmClassifier(hidden);
        SetGates(network.InputWeights, inputWeights);
        SetGates(network.RecurrentWeights, recurrentWeights);
        SetGates(network.InputBias, biases.AsSpan(0, 4 * hidden));
        SetGates(network.RecurrentBias, biases.AsSpan(4 * hidden));
        Set(network.OutputWeights, outputWeights);
        Set(network.OutputBias, outputBias);
        return network;

        float[] Values(string name, int count) =>
            weights.TryGetValue(name, out TensorProto? tensor)
            && tensor.DataType == (int)TensorProto.Types.DataType.Float
            && tensor.RawData.Length == count * sizeof(float)
            && count > 0
                ? MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray()
                : throw new TrainerException(
                    $"The model '{path}' has no float tensor '{name}' of the size that one LSTM and a linear layer "
                    + $"have.");
    }

    private static void SetGates(Tensor weights, ReadOnlySpan<float> values) =>
        Set(weights, OnnxExporter.MoveGates(values, OnnxExporter.TorchGateOrder));

    private static void Set(Tensor weights, float[] values)
    {
        using var noGrad = no_grad();
        using Tensor source = tensor(values, weights.shape);
        weights.copy_(source);
    }
}
