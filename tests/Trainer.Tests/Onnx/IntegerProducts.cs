using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using MnistLstm.Trainer.Onnx;

namespace MnistLstm.Trainer.Tests.Onnx;

/// <summary>ONNX Runtime's product of unsigned and signed bytes, which its LSTM of bytes uses too.</summary>
internal static class IntegerProducts
{
    // Of ONNX's TensorProto.DataType, which the trainer's part of onnx.proto leaves out.
    private const int UnsignedByte = 2;
    private const int Integer = 6;

    /// <param name="left">[N, inner].</param>
    /// <param name="right">[inner, columns], a constant of the graph, as weights are.</param>
    /// <param name="inner">Length of the sums.</param>
    /// <param name="columns">Columns of the right matrix.</param>
    /// <returns>[N, columns].</returns>
    public static int[] Compute(byte[] left, sbyte[] right, int inner, int columns)
    {
        int count = left.Length / inner;
        using var session = new InferenceSession(Model(right, count, inner, columns));
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(left, [count, inner]);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(options, ["left"], [input], ["product"]);
        return outputs[0].GetTensorDataAsSpan<int>().ToArray();
    }

    private static byte[] Model(sbyte[] right, int count, int inner, int columns)
    {
        var graph = new GraphProto { Name = "product" };
        graph.Input.Add(Value("left", UnsignedByte, count, inner));
        graph.Output.Add(Value("product", Integer, count, columns));
        var weights = new TensorProto
        {
            Name = "right",
            DataType = (int)TensorProto.Types.DataType.Int8,
            RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<sbyte>(right)),
        };
        weights.Dims.Add([inner, columns]);
        graph.Initializer.Add(weights);
        var node = new NodeProto { OpType = "MatMulInteger" };
        node.Input.Add(["left", "right"]);
        node.Output.Add("product");
        graph.Node.Add(node);
        var model = new ModelProto { IrVersion = 8, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 17 });
        return model.ToByteArray();
    }

    private static ValueInfoProto Value(string name, int type, int rows, int columns)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = rows });
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = columns });
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = type, Shape = shape } },
        };
    }
}
